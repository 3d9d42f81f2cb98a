import { addressesOf } from '../../../../shared/lab/operations/operations.ts';
import {
  operationName,
  type ProgramEntry,
  type WrittenSchedule,
} from '../../../../shared/lab/program.ts';
import type { Place } from '../../../../shared/lab/place.ts';
import type { Path } from '../../../../shared/lab/problem.ts';
import type { ReadDevice, ReadLab } from '../../../../shared/lab/schema.ts';
import type { Value } from '../../../../shared/world/value.ts';
import { openDevices, type Device } from '../../kernel/device/devices.ts';
import type { HardwareModel } from '../../kernel/device/model.ts';
import { start_kernel } from '../../kernel/boot/start-kernel.ts';
import { modelFunction } from '../../kernel/device/drive.ts';
import { deviceTask, readDeviceOp } from '../../kernel/device/operations.ts';
import type { Facts } from '../../core/facts.ts';
import type { KernelFunction } from '../../core/world/operation.ts';
import {
  declaredDevices,
  registerProblems,
  unreadDevices,
  wholeDevice,
  type DeclaredDevices,
} from './device-problems.ts';
import { DRIVER_SERVICES } from './driver-services.ts';
import { hintOf, type LabProblem } from './lab-problem.ts';
import { KERNEL_OPS } from './ops.ts';

/** One task of a run. `entry` is the program's; undefined for what follows from the machine. */
export interface LabTask {
  readonly title: string;
  readonly detail: string;
  readonly actor: string;
  readonly fn: KernelFunction<never, unknown>;
  readonly params: unknown;
  readonly entry: ProgramEntry | undefined;
  /** Where the lab asks for it: the entry, or the device that is probed. */
  readonly place: Place;
  /** Tasks of one group may interleave (a `concurrently` block); others have one of their own. */
  readonly group: number;
}

/** A lab made ready for a driver. */
export interface LabRun {
  readonly facts: Facts;
  readonly tasks: readonly LabTask[];
  readonly devices: ReadonlyMap<string, Device>;
  readonly schedule: WrittenSchedule;
  readonly seed: number;
}

/** Who boots, and who does what no entry names an actor for. */
const BOOT_ACTOR = 'swapper/0';
const PROBE_ACTOR = 'kworker';
const DEFAULT_ACTOR = 'admin';

/**
 * Turns a lab into tasks: the program's entries in order, devices probed right after the boot. Of a
 * lab that could be read in part, or without facts, all further problems and no run.
 */
export function prepareRun(
  lab: ReadLab,
  facts: Facts | undefined,
  models: ReadonlyMap<string, HardwareModel>,
): { readonly run: LabRun | undefined; readonly problems: readonly LabProblem[] } {
  const { unread = 0, seed = 1 } = lab;
  const opened = openDevices(lab.devices.map(wholeDevice), models, DRIVER_SERVICES, seed);
  const problems: LabProblem[] = opened.problems.map(({ device, path, ...rest }) => ({
    ...rest,
    path: ['devices', device, ...(path === '' ? [] : path.split('.'))],
  }));
  problems.push(...unreadDevices(lab.devices, models), ...registerProblems(lab, models));
  const declared = declaredDevices(lab.devices);
  const tasks: LabTask[] = [];
  let group = 0;
  let block: number | undefined;
  let booted = false;
  // An entry that says nothing, or an operation nobody knows, may have been meant for the boot.
  let maybe = unread > 0;
  for (const entry of lab.program) {
    const { path } = entry.source;
    if (entry.concurrent === undefined || entry.concurrent !== block) group += 1;
    block = entry.concurrent;
    if (entry.target === undefined && entry.op === 'boot') {
      if (booted) problems.push({ path, message: 'the machine is booted already' });
      booted = true;
      tasks.push(bootTask(entry, group));
      // Drivers bind once the kernel is up: not while it still boots, whoever chooses.
      group += 1;
      tasks.push(...probeTasks(opened.devices, lab, group));
      continue;
    }
    if (!booted && !maybe) {
      const title = operationName(entry);
      problems.push({ path, message: `\`${title}\` comes before \`boot\`: no kernel runs yet` });
    }
    const found = resolveOp(entry, declared, opened.devices, models);
    problems.push(...found.problems);
    maybe ||= entry.target === undefined && found.run === undefined;
    if (!found.run) continue;
    const actor = actorOf(entry);
    const { addresses, ...run } = found.run;
    tasks.push({
      title: entry.op,
      detail: detailOf(entry, addresses),
      actor,
      ...run,
      entry,
      place: entry.source,
      group,
    });
  }
  if (unread === 0) problems.push(...scheduleProblems(lab));
  if (problems.length > 0 || !facts) return { run: undefined, problems };
  const { schedule = 'sequential' } = lab;
  const written = schedule === 'sequential' ? [] : schedule;
  return { run: { facts, tasks, devices: opened.devices, schedule: written, seed }, problems };
}

function actorOf({ actor, target, op }: ProgramEntry): string {
  return actor ?? (target === undefined && op === 'boot' ? BOOT_ACTOR : DEFAULT_ACTOR);
}

/** Orders of the schedule that name an actor nobody is. */
function scheduleProblems({ schedule = 'sequential', program, devices }: ReadLab): LabProblem[] {
  if (schedule === 'sequential') return [];
  const probed = devices.length > 0 ? [PROBE_ACTOR] : [];
  const known = new Set([...program.map(actorOf), ...probed]);
  const actors = [...known];
  return schedule.flatMap((entry, index): LabProblem[] => {
    if ('step' in entry) return [];
    const [kind = ''] = Object.keys(entry);
    const actor =
      'release' in entry ? entry.release : 'run' in entry ? entry.run.actor : entry.hold.actor;
    if (known.has(actor) || isOfDevice(actor, devices)) return [];
    const path: Path = ['schedule', index, kind, ...(kind === 'release' ? [] : ['actor'])];
    const hint = hintOf(actor, actors, 'actors are');
    return [{ path, message: `nobody in the program is \`${actor}\`${hint}` }];
  });
}

/** An engine of a device, or an interrupt: they come into being while the lab runs. */
function isOfDevice(actor: string, devices: readonly ReadDevice[]): boolean {
  if (/^irq\/\d+$/.test(actor)) return devices.length > 0;
  return devices.some(({ id }) => id !== undefined && actor.startsWith(`${id}.`));
}

function bootTask(entry: ProgramEntry, group: number): LabTask {
  return {
    title: 'boot',
    detail: '',
    actor: entry.actor ?? BOOT_ACTOR,
    fn: start_kernel,
    params: {},
    entry,
    place: entry.source,
    group,
  };
}

function probeTasks(devices: ReadonlyMap<string, Device>, lab: ReadLab, group: number): LabTask[] {
  return lab.devices.flatMap(({ id = '', source: place }) => {
    const device = devices.get(id);
    if (!device || !place) return [];
    const { fn, params } = deviceTask(device);
    return [
      {
        title: 'probe',
        detail: id,
        actor: PROBE_ACTOR,
        fn,
        params,
        entry: undefined,
        place,
        group,
      },
    ];
  });
}

interface Resolved {
  readonly run:
    (Pick<LabTask, 'fn' | 'params'> & { readonly addresses: readonly string[] }) | undefined;
  readonly problems: readonly LabProblem[];
}

/** What an entry runs; without it the entry, or the device it is for, has a problem of its own. */
function resolveOp(
  entry: ProgramEntry,
  declared: DeclaredDevices,
  opened: ReadonlyMap<string, Device>,
  models: ReadonlyMap<string, HardwareModel>,
): Resolved {
  const { target, op, source } = entry;
  if (target === undefined) {
    const fn = Object.hasOwn(KERNEL_OPS, op) ? KERNEL_OPS[op] : undefined;
    return { run: fn && { fn, params: entry.args, addresses: addressesOf(op) }, problems: [] };
  }
  const [id = ''] = target.split('.');
  const device = declared.byId.get(id);
  if (!device) {
    // One whose id could not be read may be meant.
    if (declared.nameless) return { run: undefined, problems: [] };
    const message = `there is no device \`${id}\`${hintOf(id, declared.ids, 'devices are')}`;
    return { run: undefined, problems: [{ path: source.path, message }] };
  }
  const model = models.get(device.model ?? '');
  if (!model) return { run: undefined, problems: [] };
  const read = readDeviceOp(entry, model);
  if (!read.ok) {
    const problems = read.problems.map(({ path, message, key }) => ({
      path: path === '' ? source.args : [...source.args, ...path.split('.')],
      message,
      key,
    }));
    return { run: undefined, problems };
  }
  const ready = opened.get(id);
  const { params, action } = read;
  const { addresses } = action;
  const run = ready && { fn: modelFunction(ready, op, 'action'), params, addresses };
  return { run, problems: [] };
}

/** The arguments in short, for the list of operations; addresses in hex, as they are written. */
function detailOf({ target, args }: ProgramEntry, addresses: readonly string[]): string {
  const shortText = (name: string, value: Value): string => {
    const number = typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
    return number !== undefined && addresses.includes(name)
      ? `0x${number.toString(16)}`
      : String(value);
  };
  const values = Object.entries(args)
    .filter(([, value]) => typeof value !== 'object' || value === null)
    .map(([name, value]) => shortText(name, value));
  return [...(target === undefined ? [] : [target]), ...values].join(' \u00b7 ');
}
