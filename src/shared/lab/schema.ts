/** The lab file: one machine, one kernel, one program, what must come of it. */
import { z } from 'zod';
import { deviceSchema, pluginSchema } from './device.ts';
import type { Device, PluginReference } from './device.ts';
import type { ExpectEntry } from './expectations/expectations.ts';
import { kernelSchema } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import { machineSchema } from './machine.ts';
import type { Cpu, Machine } from './machine.ts';
import { scheduleSchema } from './program.ts';
import type { ProgramEntry, Schedule } from './program.ts';
import { count } from './quantity.ts';

/** Devices of one lab. */
export const MAX_DEVICES = 1024;

/** Format number of lab files; a larger one is from a newer pfnlab. */
export const LAB_FORMAT = 1;

/**
 * The document as written, except that the entries of `program` and `expect` are read one by
 * one (their first key decides their schema).
 */
export const labSchema = z.strictObject({
  pfnlab: count.describe(`Format of the file: ${LAB_FORMAT}`),
  title: z.string().default('').describe('What the lab shows, in a line'),
  topic: z
    .string()
    .default('')
    .describe('What it is about: labs of one topic stand together on the welcome screen'),
  kernel: kernelSchema.describe('The kernel that boots'),
  machine: machineSchema.describe('The machine it boots on: what firmware tells the kernel'),
  devices: z
    .array(deviceSchema)
    .max(MAX_DEVICES)
    .default([])
    .describe('Devices of the machine, found in this order after the boot'),
  plugins: z
    .array(pluginSchema)
    .default([])
    .describe('Plugins the devices are modelled by, where it matters which'),
  seed: count.default(1).describe('What the random choices of the run begin with'),
  schedule: scheduleSchema
    .default('sequential')
    .describe('Who steps next: `sequential`, or choices and orders in a list'),
  invariants: z
    .enum(['stop', 'report'])
    .default('stop')
    .describe('What a broken invariant does to the run: ends it at that step, or is only told'),
  program: z.array(z.any()).default([]).describe('What happens, in order; `boot` comes first'),
  expect: z.array(z.any()).default([]).describe('What must hold at the end'),
});

/** A lab, checked: defaults filled in, ranges closed, quantities exact. */
export interface Lab {
  pfnlab: 1;
  title: string;
  topic: string;
  kernel: Kernel;
  machine: Machine;
  devices: Device[];
  plugins: PluginReference[];
  seed: number;
  schedule: Schedule;
  invariants: 'stop' | 'report';
  program: ProgramEntry[];
  expect: ExpectEntry[];
}

/**
 * What could be read of a lab: parts with mistakes are left out, and lists have holes where an entry
 * could not be read, so that places stay those of the file.
 */
export interface ReadLab {
  readonly kernel: Partial<Kernel>;
  readonly machine: Readable<Omit<Machine, 'cpu'>> & { readonly cpu?: Partial<Cpu> | undefined };
  readonly devices: readonly ReadDevice[];
  readonly plugins: readonly (PluginReference | undefined)[];
  readonly schedule?: Schedule | undefined;
  readonly seed?: number | undefined;
  readonly program: readonly ProgramEntry[];
  readonly expect: readonly ExpectEntry[];
  /** Entries of the program that do not even say what they are. */
  readonly unread?: number;
}

/** A device, or what could be read of it. */
export interface ReadDevice extends Partial<Device> {
  readonly unread?: boolean;
}

/** Lists with holes. */
type Readable<T> = {
  readonly [K in keyof T]?: T[K] extends (infer E)[] ? readonly (E | undefined)[] : T[K];
};

export type { Architecture, MemoryModel } from './architecture.ts';
export type { Device, DeviceRange, PluginReference } from './device.ts';
export type { ExpectEntry, ExpectKind, OutcomeExpect, Want } from './expectations/expectations.ts';
export type { ZoneName } from './expectations/declaration.ts';
export type { Kernel } from './kernel.ts';
export type {
  AcpiTable,
  Cpu,
  FirmwareUpdate,
  Machine,
  MemoryRange,
  MemoryType,
  NumaNode,
  Resource,
  SratRange,
} from './machine.ts';
export type { Place } from './place.ts';
export type { ProgramEntry, Schedule } from './program.ts';
export type { Value, ValueMap } from './value.ts';
