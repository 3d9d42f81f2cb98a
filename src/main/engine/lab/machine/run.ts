import type { Lab } from '../../../../shared/lab/schema.ts';
import {
  entryPaths,
  operationName,
  type ProgramEntry,
  type WrittenSchedule,
} from '../../../../shared/lab/program.ts';
import type { Value } from '../../../../shared/world/value.ts';
import type { Place } from '../../../../shared/lab/place.ts';
import type { Path } from '../../../../shared/lab/problem.ts';
import { openDevices, type Device } from '../../kernel/device/devices.ts';
import type { HardwareModel } from '../../kernel/device/model.ts';
import { daxServices } from '../../kernel/dax/services.ts';
import { deviceTask, resolveDeviceOp } from '../../kernel/device/operations.ts';
import { memoryServices } from '../../kernel/device/memory-services.ts';
import { serviceTable } from '../../kernel/device/services.ts';
import type { Facts } from '../../core/facts.ts';
import { gupServices } from '../../kernel/gup/services.ts';
import { dmaServices } from '../../kernel/dma/services.ts';
import { hmmServices } from '../../kernel/hmm/services.ts';
import { migrateServices } from '../../kernel/migrate/device/services.ts';
import { pciServices } from '../../kernel/p2pdma/services.ts';
import { services } from '../../kernel/pgmap/services.ts';
import type { KernelFunction } from '../../core/world/operation.ts';
import { KERNEL_OPS } from './ops.ts';

/** Something in a lab that cannot be run: where in the document, and a sentence. */
export interface RunProblem {
  readonly path: Path;
  readonly message: string;
}

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

/** Turns a lab into tasks: the program's entries in order, devices probed right after the boot. */
export function prepareRun(
  lab: Lab,
  facts: Facts,
  models: ReadonlyMap<string, HardwareModel>,
): { readonly run: LabRun | undefined; readonly problems: readonly RunProblem[] } {
  const problems: RunProblem[] = [];
  const opened = openDevices(
    lab.devices,
    models,
    serviceTable([
      ...services,
      ...pciServices,
      ...dmaServices,
      ...gupServices,
      ...memoryServices,
      ...migrateServices,
      ...hmmServices,
      ...daxServices,
    ]),
    lab.seed,
  );
  for (const { device, path, message } of opened.problems) {
    const inside = path === '' ? [] : path.split('.');
    problems.push({ path: ['devices', device, ...inside], message });
  }
  const tasks: LabTask[] = [];
  const paths = entryPaths(lab.program);
  let group = 0;
  let block: number | undefined;
  let booted = false;
  for (const [at, entry] of lab.program.entries()) {
    const path: Path = paths[at] ?? ['program', at];
    if (entry.concurrent === undefined || entry.concurrent !== block) group += 1;
    block = entry.concurrent;
    const title = operationName(entry);
    if (entry.target === undefined && entry.op === 'boot') {
      if (booted) problems.push({ path, message: 'the machine is booted already' });
      booted = true;
      tasks.push(bootTask(entry, group));
      // Drivers bind once the kernel is up: not while it still boots, whoever chooses.
      group += 1;
      tasks.push(...probeTasks(opened.devices, lab, group));
      continue;
    }
    if (!booted) {
      problems.push({ path, message: `\`${title}\` comes before \`boot\`: no kernel runs yet` });
    }
    const found = resolveOp(entry, opened.devices, lab);
    if (!found.ok) problems.push({ path: [...path, ...found.path], message: found.message });
    else {
      tasks.push({
        title: entry.op,
        detail: detailOf(entry),
        actor: entry.actor ?? DEFAULT_ACTOR,
        fn: found.fn,
        params: found.params,
        entry,
        place: entry.source,
        group,
      });
    }
  }
  problems.push(...scheduleProblems(lab, tasks));
  if (problems.length > 0) return { run: undefined, problems };
  const schedule = lab.schedule === 'sequential' ? [] : lab.schedule;
  return { run: { facts, tasks, devices: opened.devices, schedule, seed: lab.seed }, problems };
}

/** Orders of the schedule that name an actor nobody is. */
function scheduleProblems({ schedule }: Lab, tasks: readonly LabTask[]): RunProblem[] {
  if (schedule === 'sequential') return [];
  const actors = [...new Set(tasks.map(({ actor }) => actor))];
  return schedule.flatMap((entry, index): RunProblem[] => {
    if ('step' in entry) return [];
    const [kind = ''] = Object.keys(entry);
    const actor =
      'release' in entry ? entry.release : 'run' in entry ? entry.run.actor : entry.hold.actor;
    if (actors.includes(actor)) return [];
    const path: Path = ['schedule', index, kind, ...(kind === 'release' ? [] : ['actor'])];
    const known = actors.join(', ');
    return [{ path, message: `nobody in the program is \`${actor}\`; actors are ${known}` }];
  });
}

function bootTask(entry: ProgramEntry, group: number): LabTask {
  return {
    title: 'boot',
    detail: '',
    actor: entry.actor ?? BOOT_ACTOR,
    fn: KERNEL_OPS['boot'] as KernelFunction<never, unknown>,
    params: {},
    entry,
    place: entry.source,
    group,
  };
}

function probeTasks(devices: ReadonlyMap<string, Device>, lab: Lab, group: number): LabTask[] {
  return lab.devices.flatMap(({ id, source: place }) => {
    const device = devices.get(id);
    if (!device) return [];
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

type Resolved =
  | { readonly ok: true; readonly fn: KernelFunction<never, unknown>; readonly params: unknown }
  | { readonly ok: false; readonly path: Path; readonly message: string };

function resolveOp(entry: ProgramEntry, devices: ReadonlyMap<string, Device>, lab: Lab): Resolved {
  if (entry.target !== undefined) {
    const found = resolveDeviceOp(
      { target: entry.target, op: entry.op, args: entry.args },
      devices,
    );
    if (found.ok) {
      return {
        ok: true,
        fn: found.fn,
        params: found.params,
      };
    }
    const [id = ''] = entry.target.split('.');
    // A device left out for its own problems is not also unknown.
    const known = lab.devices.some((device) => device.id === id) && !devices.has(id);
    const message = known ? `${id} cannot be used, see its own problem` : found.message;
    return { ok: false, path: found.path === '' ? [] : [found.path], message };
  }
  const fn = Object.hasOwn(KERNEL_OPS, entry.op) ? KERNEL_OPS[entry.op] : undefined;
  if (fn) return { ok: true, fn, params: entry.args };
  const names = Object.keys(KERNEL_OPS)
    .map((name) => `\`${name}\``)
    .join(', ');
  const message = `unknown operation \`${entry.op}\`; expected ${names} or \`<device>.<action>\``;
  return { ok: false, path: [], message };
}

/** Arguments that are addresses: shown in hex, as they are written. */
const ADDRESSES: ReadonlySet<string> = new Set(['va', 'at', 'to', 'start', 'end']);

function addressText(value: Value): string {
  const whole = typeof value === 'bigint' || Number.isInteger(value);
  return whole ? `0x${(value as bigint | number).toString(16)}` : String(value);
}

/** The arguments in short, for the list of operations. */
function detailOf({ target, args }: ProgramEntry): string {
  const values = Object.entries(args)
    .filter(([, value]) => typeof value !== 'object' || value === null)
    .map(([name, value]) => (ADDRESSES.has(name) ? addressText(value) : String(value)));
  return [...(target === undefined ? [] : [target]), ...values].join(' \u00b7 ');
}
