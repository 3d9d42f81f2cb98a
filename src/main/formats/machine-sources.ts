/** Builds the machine of a lab from what a boot log and /proc/iomem say. */
import { defaultPhysBits, MAX_PHYS_BITS } from '../../shared/lab/architecture.ts';
import type { Architecture } from '../../shared/lab/architecture.ts';
import type { Device } from '../../shared/lab/device.ts';
import type { Cpu, Machine, MemoryRange, NumaNode, SratRange } from '../../shared/lab/machine.ts';
import { formatAddress } from '../../shared/lab/quantity.ts';
import { sanitised, subtract, usableAfter } from './firmware-map.ts';
import type { Bytes } from './firmware-map.ts';
import type { IomemEntry, IomemFacts } from './iomem.ts';
import type { LogFacts } from './linux-log.ts';
import { lineNote } from './note.ts';
import type { ImportNote } from './note.ts';

export interface BuiltMachine {
  machine: Machine;
  devices: Device[];
  notes: ImportNote[];
}

interface Sources {
  log?: LogFacts | undefined;
  iomem?: IomemFacts | undefined;
  arch: Architecture;
  /** Nodes that other files name. */
  nodes: Iterable<number>;
  /** Names the import in notes that belong to no single file. */
  label: string;
}

const show = ({ start, end }: Bytes) => `${formatAddress(start)}-${formatAddress(end)}`;

/** The machine, from e820 and its updates, SRAT, and where there is no e820, /proc/iomem. */
export function buildMachine(sources: Sources): BuiltMachine {
  const { log, iomem, arch, label } = sources;
  const notes: ImportNote[] = [];
  const assume = (text: string, file = label) => notes.push({ file, text, reason: 'assumed' });

  const fromLog = (log?.memory.length ?? 0) > 0;
  let memory = fromLog ? (log?.memory ?? []) : memoryOf(iomem);
  if (!fromLog && memory.length > 0 && iomem) {
    assume(
      "the memory map is /proc/iomem, as the running kernel left it, not firmware's own",
      iomem.file,
    );
  }
  if (memory.length === 0) {
    assume(
      'no file holds a memory map, so the machine has no memory: add machine.memory, or import /proc/iomem read as root',
    );
  }
  memory = withinLimit(memory, MAX_PHYS_BITS[arch], 'the memory range', label, notes);
  const clean = sanitised(memory);
  if (clean.changed) {
    assume(
      'ranges of the memory map overlap; the highest type was taken, as the kernel does (e820.c:e820__update_table)',
    );
  }
  memory = clean.map;

  const srat = consistent(log?.srat ?? [], label, notes);
  const machine: Machine = {
    cpu: cpuOf(log, arch, memory, assume),
    memory,
    nodes: nodesOf(log, srat, sources.nodes, assume),
    srat,
    cfmws: [],
    hmat: [],
    firmware_updates: log?.updates ?? [],
    acpi_tables: [...(log?.firmware.tables.values() ?? [])],
    pci: log?.firmware.pci ?? true,
    resources: resourcesOf(iomem),
  };
  const devices = devicesOf(machine, iomem, notes);
  const unused = iomem ? leftOver(iomem) : [];
  const against =
    iomem && fromLog ? disagreements(machine, iomem, log?.cmdline ?? '', log?.file ?? label) : [];
  return { machine, devices, notes: [...notes, ...unused, ...against] };
}

function memoryOf(iomem: IomemFacts | undefined): MemoryRange[] {
  return (iomem?.entries ?? []).flatMap(({ kind, start, end }): MemoryRange[] => {
    if (kind.is === 'ram') return [{ start, end, type: 'usable' }];
    return kind.is === 'firmware' ? [{ start, end, type: kind.type }] : [];
  });
}

function withinLimit(
  memory: readonly MemoryRange[],
  bits: number,
  what: string,
  file: string,
  notes: ImportNote[],
): MemoryRange[] {
  return memory.filter((range) => {
    if (range.end >> BigInt(bits) === 0n) return true;
    const text = `${what} ${show(range)} (${range.type}) is over the ${bits} address bits of the architecture`;
    notes.push({ file, text, reason: 'damaged' });
    return false;
  });
}

function cpuOf(
  log: LogFacts | undefined,
  arch: Architecture,
  memory: readonly MemoryRange[],
  assume: (text: string) => void,
): Cpu {
  const facts = log?.cpu;
  const la57 = facts?.la57 ?? false;
  let bits = facts?.physBits?.bits;
  if (bits === undefined) {
    bits = defaultPhysBits(arch, la57);
    assume(
      `cpu.phys_bits is ${bits}, the most this kind of kernel addresses; nothing in the files tells it`,
    );
  } else if (facts?.physBits?.from === 'DMAR') {
    assume(`cpu.phys_bits is ${bits}, the address width of the IOMMU (DMAR)`);
  }
  const top = memory
    .filter(({ type }) => type !== 'reserved')
    .reduce((most, { end }) => (end > most ? end : most), 0n);
  const needed = top.toString(2).length;
  if (needed > bits) {
    assume(`cpu.phys_bits is raised from ${bits} to ${needed}, so that the memory map fits`);
    bits = needed;
  }
  const guest = facts?.hypervisor;
  if (guest?.by === 'dmi') {
    assume(`cpu.hypervisor is true, because the board is named ${guest.name}`);
  }
  return {
    phys_bits: bits,
    ...(facts?.vendor === undefined ? {} : { vendor: facts.vendor }),
    hypervisor: guest !== undefined,
    la57,
  };
}

/** A kernel refuses ranges that two nodes claim (`numa_memblks.c:numa_cleanup_meminfo`). */
function consistent(srat: readonly SratRange[], file: string, notes: ImportNote[]): SratRange[] {
  const kept = new Set<SratRange>();
  let reach: SratRange | undefined;
  const sorted = [...srat].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  for (const range of sorted) {
    if (reach && range.start <= reach.end && range.node !== reach.node) {
      const text = `SRAT gives ${show(range)} to node ${range.node}, but node ${reach.node} has ${show(reach)}; the first was taken`;
      notes.push({ file, text, reason: 'disagrees' });
      continue;
    }
    kept.add(range);
    if (!reach || range.end > reach.end) reach = range;
  }
  return srat.filter((range) => kept.has(range));
}

function nodesOf(
  log: LogFacts | undefined,
  srat: readonly SratRange[],
  named: Iterable<number>,
  assume: (text: string) => void,
): NumaNode[] {
  const ids = new Set<number>([...(log?.nodes ?? []), ...srat.map(({ node }) => node), ...named]);
  if (ids.size === 0) ids.add(0);
  const sorted = [...ids].sort((a, b) => a - b);
  const counted = log?.cpu.byNode ?? new Map<number, number>();
  const total = log?.cpu.total;
  if (counted.size === 0) {
    assume(
      total === undefined || sorted.length > 1
        ? 'every node has one CPU; nothing in the files tells how many'
        : `node ${sorted[0]} has all ${total} CPUs`,
    );
  }
  if (sorted.length > 1) {
    assume('distances are 10 to the node itself and 20 to others; the log does not print SLIT');
  }
  return sorted.map((id) => ({
    id,
    cpus: counted.size > 0 ? (counted.get(id) ?? 0) : sorted.length === 1 ? (total ?? 1) : 1,
    distances: sorted.map((other) => (other === id ? 10 : 20)),
  }));
}

function resourcesOf(iomem: IomemFacts | undefined): Machine['resources'] {
  return (iomem?.entries ?? [])
    .filter(({ kind }) => kind.is === 'resource' || kind.is === 'image')
    .map(({ start, end, name, kind }) => ({ start, end, name, image: kind.is === 'image' }));
}

function leftOver(iomem: IomemFacts): ImportNote[] {
  return iomem.entries.flatMap(({ kind, line, text }): ImportNote[] => {
    if (kind.is === 'namespace') {
      return [
        lineNote(
          iomem.file,
          line,
          text,
          'not used',
          'what drivers made of the device is up to the program',
        ),
      ];
    }
    if (kind.is === 'buffer') {
      return [lineNote(iomem.file, line, text, 'derived', 'e820.c:e820__reserve_resources_late')];
    }
    return [];
  });
}

/** Where /proc/iomem contradicts the firmware map of the log, which is the one taken. */
function disagreements(
  machine: Machine,
  iomem: IomemFacts,
  cmdline: string,
  logFile: string,
): ImportNote[] {
  const usable = usableAfter(machine.memory, machine.firmware_updates);
  const others = machine.memory.filter(({ type }) => type !== 'usable');
  const cut = machine.memory.filter(({ type }) => type === 'usable');
  const limited = /(^|\s)(mem|memmap)=/.test(cmdline);
  const notes: ImportNote[] = [];
  const ram = iomem.entries.filter(({ kind }) => kind.is === 'ram');
  for (const entry of ram) {
    const outside = subtract([entry], usable);
    if (outside.length > 0) {
      notes.push(
        lineNote(
          iomem.file,
          entry.line,
          entry.text,
          'disagrees',
          `${outside.map(show).join(', ')} is no RAM in ${logFile}: added after boot, or another machine; the log was taken`,
        ),
      );
    }
  }
  if (!limited && ram.length > 0) {
    for (const missing of subtract(usable, ram)) {
      notes.push({
        file: iomem.file,
        text: `${show(missing)} is usable in ${logFile}, but no System RAM here; the log was taken`,
        reason: 'disagrees',
      });
    }
  }
  for (const entry of iomem.entries) {
    if (entry.kind.is !== 'firmware') continue;
    const { type } = entry.kind;
    const same = others.filter((range) => range.type === type);
    // RAM that the kernel trimmed or an update reserved is Reserved here.
    const reservedRam = type === 'reserved' ? subtract(cut, usable) : [];
    if (limited || subtract([entry], [...same, ...reservedRam]).length === 0) continue;
    const why = `not in the memory map of ${logFile}, which was taken`;
    notes.push(lineNote(iomem.file, entry.line, entry.text, 'disagrees', why));
  }
  return notes;
}

/** Persistent memory that a driver found becomes an NVDIMM, unless RAM of the log lies there. */
function devicesOf(machine: Machine, iomem: IomemFacts | undefined, notes: ImportNote[]): Device[] {
  const devices: Device[] = [];
  const persistent = (iomem?.entries ?? []).filter(({ kind }) => kind.is === 'persistent');
  const inMap = (entry: IomemEntry, type: MemoryRange['type']) =>
    machine.memory.some((m) => m.type === type && m.start <= entry.end && entry.start <= m.end);
  let reach = -1n;
  for (const entry of persistent.sort((a, b) => (a.start < b.start ? -1 : 1))) {
    // An e820 range nobody drives is in the map already, and says all there is to say.
    if (inMap(entry, 'pmem') && !entry.driven) continue;
    const clash = inMap(entry, 'usable') || entry.start <= reach;
    if (clash || entry.end >> BigInt(machine.cpu.phys_bits) !== 0n) {
      const why = clash
        ? 'other memory lies there'
        : `over cpu.phys_bits: ${machine.cpu.phys_bits}`;
      notes.push(lineNote(iomem?.file ?? '', entry.line, entry.text, 'disagrees', why));
      continue;
    }
    reach = entry.end;
    const node = machine.srat.find(
      ({ start, end }) => start <= entry.start && entry.start <= end,
    )?.node;
    devices.push({
      id: `nvdimm${devices.length}`,
      model: 'nvdimm',
      ...(node === undefined ? {} : { node }),
      range: { start: entry.start, size: entry.end - entry.start + 1n },
      config: {},
      source: { file: iomem?.file ?? '', line: entry.line, column: 1 },
    });
  }
  return devices;
}
