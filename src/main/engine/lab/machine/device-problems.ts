import type { ExpectEntry } from '../../../../shared/lab/expectations/expectations.ts';
import type { ReadDevice, ReadLab } from '../../../../shared/lab/schema.ts';
import { noModel, type LabDevice } from '../../kernel/device/devices.ts';
import type { HardwareModel } from '../../kernel/device/model.ts';
import { hintOf, type LabProblem } from './lab-problem.ts';

type Models = ReadonlyMap<string, HardwareModel>;

/** A device that can be put on the bench; undefined for one of which only parts could be read. */
export function wholeDevice({
  id,
  model,
  unread,
  config,
  ...rest
}: ReadDevice): LabDevice | undefined {
  if (unread || id === undefined || model === undefined) return undefined;
  return { id, model, config: config ?? {}, ...rest };
}

/** What else is wrong with devices of which only parts could be read. */
export function unreadDevices(devices: readonly ReadDevice[], models: Models): LabProblem[] {
  return devices.flatMap(({ unread, model: id, config = {} }, index): LabProblem[] => {
    if (!unread || id === undefined) return [];
    const path = ['devices', index];
    const model = models.get(id);
    if (!model) return [{ path: [...path, 'model'], message: noModel(id, models) }];
    const checked = model.readConfig(config);
    if (checked.ok) return [];
    return checked.problems.map((problem) => ({
      path: [...path, ...problem.path.split('.')],
      message: problem.message,
    }));
  });
}

/** The devices of a lab by the names the program calls them. */
export interface DeclaredDevices {
  readonly byId: ReadonlyMap<string, ReadDevice>;
  readonly ids: readonly string[];
  /** The id of one or more could not be read. */
  readonly nameless: boolean;
}

export function declaredDevices(devices: readonly ReadDevice[]): DeclaredDevices {
  const byId = new Map<string, ReadDevice>();
  for (const device of devices) {
    // The first of two with one id is meant; the second is a mistake of its own.
    if (device.id !== undefined && !byId.has(device.id)) byId.set(device.id, device);
  }
  const nameless = devices.some(({ id }) => id === undefined);
  return { byId, ids: [...byId.keys()], nameless };
}

/** Devices and registers that expectations name and nobody declares. */
export function registerProblems(lab: ReadLab, models: Models): LabProblem[] {
  const entries: ExpectEntry[] = [
    ...lab.program.flatMap(({ expect }) => expect?.state ?? []),
    ...lab.expect,
  ];
  const { byId, ids, nameless } = declaredDevices(lab.devices);
  return entries.flatMap((entry): LabProblem[] => {
    if (entry.kind !== 'device') return [];
    const { path = [] } = entry.source;
    const { id, registers = {} } = entry.want;
    const device = id === undefined ? undefined : byId.get(id);
    if (!device) {
      // An id that could not be read may be the one meant.
      if (id === undefined || nameless) return [];
      const message = `there is no device \`${id}\`${hintOf(id, ids, 'devices are')}`;
      return [{ path: [...path, 'id'], message }];
    }
    const model = models.get(device.model ?? '');
    if (!model) return [];
    const known = model.registers.map((register) => register.id);
    return Object.keys(registers).flatMap((name) => {
      const [register = ''] = name.split('/');
      if (known.includes(register)) return [];
      const message = `a ${model.id} has no register \`${register}\`${hintOf(register, known, 'there are')}`;
      return [{ path: [...path, 'registers', name], message }];
    });
  });
}
