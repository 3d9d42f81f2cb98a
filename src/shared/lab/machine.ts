/**
 * The machine: what firmware tells the kernel. All ranges are physical bytes, ends inclusive, as
 * e820 and /proc/iomem print them.
 */
import { z } from 'zod';
import { address, count, size } from './quantity.ts';

/** Firmware memory types (`arch/x86/include/asm/e820/types.h`, named as the lab file names them). */
export const MEMORY_TYPES = [
  'usable',
  'reserved',
  'acpi',
  'nvs',
  'unusable',
  'pmem',
  'pmem-legacy',
  'soft-reserved',
] as const;
export type MemoryType = (typeof MEMORY_TYPES)[number];

/** Types in a firmware update; `reserved-kern` is RAM the kernel keeps (setup_data). */
export const UPDATE_TYPES = [...MEMORY_TYPES, 'reserved-kern'] as const;
export type UpdateType = (typeof UPDATE_TYPES)[number];

/** E820_MAX_ENTRIES (arch/x86/include/asm/e820/types.h): 128 of the zero page and three a node. */
const MAX_MEMORY = 128 + 3 * 1024;
/** MAX_NUMNODES with the largest NODES_SHIFT, 10 (arch/x86/Kconfig). */
const MAX_NODES = 1024;
/** NR_NODE_MEMBLKS (include/acpi/acpi_numa.h, arch/x86/include/asm/numa.h): two a node. */
const MAX_SRAT = 2 * MAX_NODES;
/** Entries of the other lists; no machine's tables come near. */
const MAX_ENTRIES = 4096;

/** Largest end `start + size - 1` may have; addresses have 64 bits. */
const MAX_ADDRESS = (1n << 64n) - 1n;

type RangeInput = { start: bigint; end?: bigint | undefined; size?: bigint | undefined };

/** Gives every range an inclusive end, whichever of `end` and `size` was written. */
export function closeRange<T extends RangeInput>(range: T, ctx: z.RefinementCtx) {
  const { start, size: bytes, end: written, ...rest } = range;
  const say = (message: string, path: string[] = []) =>
    ctx.addIssue({ code: 'custom', message, path, params: { sentence: true } });
  if (written !== undefined && bytes !== undefined) say('give `end` or `size`, not both', ['size']);
  if (written === undefined && bytes === undefined)
    say('a range needs an `end` (inclusive) or a `size`');
  if (bytes === 0n) say('a range of size 0 holds nothing; expected at least 1 byte', ['size']);
  const end = written ?? start + (bytes ?? 1n) - 1n;
  if (end > MAX_ADDRESS) say('the range ends above 2^64', ['size']);
  return { start, end, ...rest };
}

const memorySchema = z
  .strictObject({
    start: address,
    end: address.optional(),
    size: size.optional(),
    type: z.enum(MEMORY_TYPES),
    /** Firmware's own number for a type the kernel has no name for (`type 20`). */
    e820_type: count.optional(),
    name: z.string().optional(),
  })
  .transform(closeRange);

const nodeSchema = z.strictObject({
  id: count,
  cpus: count.default(1),
  /** SLIT row, in the order of `nodes`; 10 is local. */
  distances: z.array(count).optional(),
});

const sratSchema = z
  .strictObject({
    start: address,
    end: address.optional(),
    size: size.optional(),
    node: count,
    hotplug: z.boolean().default(false),
    non_volatile: z.boolean().default(false),
  })
  .transform(closeRange);

const cpuSchema = z.strictObject({
  /** Physical address bits (CPUID 0x80000008 on x86). */
  phys_bits: count.optional(),
  vendor: z.string().optional(),
  /** Runs under a hypervisor: decides x86's memory block size. */
  hypervisor: z.boolean().default(false),
  /** 5-level paging in use. */
  la57: z.boolean().default(false),
});

const updateSchema = z.strictObject({
  action: z.enum(['update', 'remove']),
  start: address,
  end: address,
  /** Only parts of this type change; absent means any type (`remove` without a check). */
  from: z.enum(UPDATE_TYPES).optional(),
  to: z.enum(UPDATE_TYPES).optional(),
  /** Who did it and why, as far as the log says. */
  origin: z.string().optional(),
});

const resourceSchema = z.strictObject({
  start: address,
  end: address,
  name: z.string(),
  /** Belongs to the kernel image that was running, not to the machine. */
  image: z.boolean().default(false),
});

const tableSchema = z.strictObject({ start: address, end: address, name: z.string().optional() });

export const machineSchema = z.strictObject({
  cpu: cpuSchema.prefault({}),
  memory: z.array(memorySchema).max(MAX_MEMORY),
  nodes: z
    .array(nodeSchema)
    .min(1)
    .max(MAX_NODES)
    .default([{ id: 0, cpus: 1, distances: [10] }]),
  srat: z.array(sratSchema).max(MAX_SRAT).default([]),
  /**
   * Changes to the firmware map that the kernel made at boot for reasons in firmware data, and
   * which cannot be derived from the map and the command line. Applied in order.
   */
  firmware_updates: z.array(updateSchema).max(MAX_ENTRIES).default([]),
  /**
   * Where firmware put its ACPI tables; since 5.12 the kernel reserves them before it reads them
   * (`drivers/acpi/tables.c:acpi_reserve_initial_tables`).
   */
  acpi_tables: z.array(tableSchema).max(MAX_ENTRIES).default([]),
  /**
   * What firmware says memory comes in: SCLP's storage increment on s390x, the size of a logical
   * memory block (`ibm,lmb-size`) of a powerpc partition. Memory blocks are at least that large.
   */
  memory_increment: size.optional(),
  /** Has a PCI bus; a Hyper-V guest of generation 2, for one, has none. */
  pci: z.boolean().default(true),
  /**
   * Other entries of the resource tree, parents before children. Nesting follows from
   * containment; of two equal ranges the later is the child.
   */
  resources: z.array(resourceSchema).max(MAX_ENTRIES).default([]),
});

/** One range of the firmware memory map, end inclusive. */
export interface MemoryRange {
  start: bigint;
  end: bigint;
  type: MemoryType;
  e820_type?: number | undefined;
  name?: string | undefined;
}

/** One NUMA node. `distances` has one entry for each node, in the order of `nodes`. */
export interface NumaNode {
  id: number;
  cpus: number;
  distances: number[];
}

/** One SRAT memory affinity entry, end inclusive. */
export interface SratRange {
  start: bigint;
  end: bigint;
  node: number;
  hotplug: boolean;
  non_volatile: boolean;
}

export interface Cpu {
  phys_bits: number;
  vendor?: string | undefined;
  hypervisor: boolean;
  la57: boolean;
}

/** One change of the firmware map at boot, end inclusive. */
export type FirmwareUpdate = z.output<typeof updateSchema>;

/** One ACPI table, by its signature, end inclusive. */
export type AcpiTable = z.output<typeof tableSchema>;

/** One more entry of the resource tree, end inclusive. */
export type Resource = z.output<typeof resourceSchema>;

export interface Machine {
  cpu: Cpu;
  memory: MemoryRange[];
  nodes: NumaNode[];
  srat: SratRange[];
  firmware_updates: FirmwareUpdate[];
  acpi_tables: AcpiTable[];
  memory_increment?: bigint | undefined;
  pci: boolean;
  resources: Resource[];
}
