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

/** enum e820_type: where entries overlap, the larger one wins (e820.c:e820__update_table). */
export const E820_TYPE: Readonly<Record<UpdateType, number>> = {
  usable: 1,
  reserved: 2,
  acpi: 3,
  nvs: 4,
  unusable: 5,
  pmem: 7,
  'pmem-legacy': 12,
  'reserved-kern': 128,
  'soft-reserved': 0xefffffff,
};

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

/** Where a range begins and ends; {@link closeRange} wants one of `end` and `size`. */
export const rangeFields = {
  start: address.describe('First byte'),
  end: address.optional().describe('Last byte; or give `size`'),
  size: size.optional().describe('Size in bytes; or give `end`'),
};

const closed = {
  start: address.describe('First byte'),
  end: address.describe('Last byte'),
};

const memorySchema = z
  .strictObject({
    ...rangeFields,
    type: z.enum(MEMORY_TYPES).describe('What firmware says the range is'),
    e820_type: count
      .optional()
      .describe("Firmware's own number for a type the kernel has no name for (`type 20`)"),
    name: z.string().optional().describe('What the memory is, for people'),
  })
  .transform(closeRange);

const nodeSchema = z.strictObject({
  id: count.describe('Number of the node, as the kernel counts them'),
  cpus: count.default(1).describe('CPUs of the node; 0 for memory alone'),
  distances: z
    .array(count)
    .optional()
    .describe('SLIT row, in the order of `nodes`: 10 is local, and 20 remote where it is left out'),
});

const sratSchema = z
  .strictObject({
    ...rangeFields,
    node: count.describe('Node the range belongs to'),
    hotplug: z.boolean().default(false).describe('Memory there can be hot-plugged'),
    non_volatile: z.boolean().default(false).describe('Memory there is non-volatile'),
  })
  .transform(closeRange);

/** What a CXL window takes (CFMWS Window Restrictions, CXL 3.1 table 9-22; drivers/cxl/acpi.c:cfmws_to_decoder_flags). */
export const WINDOW_RESTRICTIONS = ['type2', 'type3', 'volatile', 'pmem', 'fixed'] as const;

/** Interleave ways a decoder can encode (drivers/cxl/cxl.h:ways_to_eiw). */
const WAYS = [1, 2, 3, 4, 6, 8, 12, 16];
/** Interleave granularities it can encode, bytes (granularity_to_eig). */
const GRANULARITIES = [256n, 512n, 1024n, 2048n, 4096n, 8192n, 16384n];

const windowSchema = z
  .strictObject({
    ...rangeFields,
    targets: z
      .array(count)
      .refine((list) => WAYS.includes(list.length), {
        error: `a window interleaves over ${WAYS.join(', ')} host bridges`,
      })
      .default([0])
      .describe('_UID of the host bridges it interleaves over, in order; as many as its ways'),
    granularity: size
      .refine((bytes) => GRANULARITIES.includes(bytes), {
        error: 'interleave granularity is a power of two from 256 bytes to 16 KiB',
      })
      .default(256n)
      .describe('Bytes in a row that go to one host bridge'),
    restrictions: z
      .array(z.enum(WINDOW_RESTRICTIONS))
      .default(['type3', 'volatile', 'pmem'])
      .describe('What memory may be mapped there'),
    qtg: count.default(0).describe('QoS Throttling Group'),
  })
  .transform(closeRange);

const hmatSchema = z.strictObject({
  initiator: count.describe('Node whose CPUs access the memory'),
  target: count.describe('Node of the memory'),
  read_latency: count.describe('Nanoseconds'),
  write_latency: count.describe('Nanoseconds'),
  read_bandwidth: count.describe('MB/s'),
  write_bandwidth: count.describe('MB/s'),
});

const cpuSchema = z.strictObject({
  phys_bits: count.optional().describe('Physical address bits (CPUID 0x80000008 on x86)'),
  vendor: z.string().optional().describe('Vendor of the CPU, as CPUID names it (`AuthenticAMD`)'),
  hypervisor: z
    .boolean()
    .default(false)
    .describe("Runs under a hypervisor: decides x86's memory block size"),
  la57: z.boolean().default(false).describe('5-level paging in use'),
});

const updateSchema = z.strictObject({
  action: z.enum(['update', 'remove']).describe('Give the range another type, or take it out'),
  ...closed,
  from: z
    .enum(UPDATE_TYPES)
    .optional()
    .describe('Only parts of this type change; absent means any type (`remove` without a check)'),
  to: z.enum(UPDATE_TYPES).optional().describe('Type an `update` gives'),
  origin: z.string().optional().describe('Who did it and why, as far as the log says'),
});

const resourceSchema = z.strictObject({
  ...closed,
  name: z.string().describe('Name of the entry, as /proc/iomem prints it'),
  image: z
    .boolean()
    .default(false)
    .describe('Belongs to the kernel image that was running, not to the machine'),
});

const tableSchema = z.strictObject({
  ...closed,
  name: z.string().optional().describe('Signature of the table (`SRAT`)'),
});

export const machineSchema = z.strictObject({
  cpu: cpuSchema.prefault({}).describe('What all CPUs of the machine are'),
  memory: z.array(memorySchema).max(MAX_MEMORY).describe('The firmware memory map (e820)'),
  nodes: z
    .array(nodeSchema)
    .min(1)
    .max(MAX_NODES)
    .default([{ id: 0, cpus: 1, distances: [10] }])
    .describe('NUMA nodes'),
  srat: z
    .array(sratSchema)
    .max(MAX_SRAT)
    .default([])
    .describe('Memory affinity: which node which memory belongs to'),
  cfmws: z
    .array(windowSchema)
    .max(MAX_ENTRIES)
    .default([])
    .describe(
      'CXL Fixed Memory Window Structures of the CEDT: where in physical memory the host bridges decode CXL memory. "CXL Window N" of /proc/iomem.',
    ),
  hmat: z
    .array(hmatSchema)
    .max(MAX_SRAT)
    .default([])
    .describe('Latency and bandwidth between nodes, as HMAT gives them: they decide memory tiers'),
  firmware_updates: z
    .array(updateSchema)
    .max(MAX_ENTRIES)
    .default([])
    .describe(
      'Changes to the firmware map that the kernel made at boot for reasons in firmware data, and which cannot be derived from the map and the command line. Applied in order.',
    ),
  acpi_tables: z
    .array(tableSchema)
    .max(MAX_ENTRIES)
    .default([])
    .describe(
      'Where firmware put its ACPI tables; since 5.12 the kernel reserves them before it reads them (`drivers/acpi/tables.c:acpi_reserve_initial_tables`)',
    ),
  memory_increment: size
    .optional()
    .describe(
      "What firmware says memory comes in: SCLP's storage increment on s390x, the size of a logical memory block (`ibm,lmb-size`) of a powerpc partition. Memory blocks are at least that large.",
    ),
  pci: z
    .boolean()
    .default(true)
    .describe('Has a PCI bus; a Hyper-V guest of generation 2, for one, has none'),
  resources: z
    .array(resourceSchema)
    .max(MAX_ENTRIES)
    .default([])
    .describe(
      'Other entries of the resource tree, parents before children. Nesting follows from containment; of two equal ranges the later is the child.',
    ),
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

/** One CXL Fixed Memory Window, end inclusive. */
export type CxlWindow = z.output<typeof windowSchema>;

/** How one node sees the memory of another: nanoseconds, MB/s. */
export type HmatLocality = z.output<typeof hmatSchema>;

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
  cfmws: CxlWindow[];
  hmat: HmatLocality[];
  firmware_updates: FirmwareUpdate[];
  acpi_tables: AcpiTable[];
  memory_increment?: bigint | undefined;
  pci: boolean;
  resources: Resource[];
}
