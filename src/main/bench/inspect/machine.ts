import type { MachineView, MapPiece } from '../../../shared/bench/views.ts';
import type { Inspection } from './context.ts';
import { mappingFields, p2pmemFields } from './device-dma.ts';
import { recordField } from './fields.ts';
import { bytesText, hex } from './format.ts';
import { iomemPieces, resourceFill } from './iomem.ts';
import type { Row } from '../../../shared/world/value.ts';

/** Where a device's memory lies, as the lab says. Bytes, end inclusive. */
export interface DeviceRange {
  readonly id: string;
  readonly model: string;
  readonly title: string;
  readonly node: number;
  readonly start: bigint | undefined;
  readonly end: bigint | undefined;
}

/** The machine as it is drawn: what firmware reports, what the kernel made of it, the devices. */
export function machineView(
  inspection: Inspection,
  title: string,
  lab: readonly DeviceRange[],
): MachineView {
  const { facts, world } = inspection;
  const { arch, machine } = facts;
  const ram = machine.memory.filter(({ type }) => type === 'usable');
  const nodes = machine.nodes.length > 0 ? machine.nodes : [{ id: 0, cpus: 1, distances: [10] }];
  return {
    title,
    max_phys_pfn: 2 ** (Math.min(machine.cpu.phys_bits, arch.max_physmem_bits) - arch.page_shift),
    pages_per_section: arch.pages_per_section,
    pages_per_subsection: arch.pages_per_subsection,
    page_size: 2 ** arch.page_shift,
    nodes: nodes.map((node) => ({
      nid: node.id,
      cpus: node.cpus,
      distances: [...node.distances],
      dram: nodeRam(inspection, node.id, ram),
      zones: [...world.rows('zones')]
        .filter((zone) => zone.nid === node.id && zone.present_pages > 0)
        .map((zone) => ({ name: zone.name, present: zone.present_pages })),
    })),
    devices: lab.map((device) => deviceView(inspection, device)),
    pieces: pieces(inspection, lab),
  };
}

/** RAM of a node: what the SRAT gives it; all of it where there is no SRAT. */
function nodeRam(
  { facts }: Inspection,
  nid: number,
  ram: readonly { start: bigint; end: bigint }[],
): MachineView['nodes'][number]['dram'] {
  const { srat } = facts.machine;
  const affinity = srat.length === 0 ? [{ start: 0n, end: (1n << 64n) - 1n, node: 0 }] : srat;
  const found: MachineView['nodes'][number]['dram'] = [];
  for (const range of ram) {
    for (const { start, end, node } of affinity) {
      if (node !== nid) continue;
      const from = range.start > start ? range.start : start;
      const to = range.end < end ? range.end : end;
      if (from <= to)
        found.push({ start: hex(from), end: hex(to), bytes: bytesText(to - from + 1n) });
    }
  }
  return found;
}

function deviceView(inspection: Inspection, device: DeviceRange): MachineView['devices'][number] {
  const { world, authors, at, facts } = inspection;
  const row = world.get('devices', device.id);
  const { start, end } = device;
  const shift = BigInt(facts.arch.page_shift);
  const parts = [...world.rows('resources')]
    .filter((r) => start !== undefined && end !== undefined && r.start >= start && r.end <= end)
    .filter((r) => !/^Persistent Memory/.test(r.name) && !/^System RAM/.test(r.name))
    .map((r) => ({
      id: r.name,
      label: r.name,
      detail: bytesText(r.end - r.start + 1n),
      start: Number(r.start >> shift),
      end: Number((r.end >> shift) + 1n),
      fill: resourceFill(r.name),
    }));
  const registers = [...world.rows('registers')]
    .filter((register) => register.device === device.id)
    .slice(0, 200)
    .map((register) => ({
      ...recordField(inspection, 'registers', register.key, register as unknown as Row, 'value'),
      name: register.key.slice(device.id.length + 1),
    }));
  const p2pmem = p2pmemFields(inspection, device.id);
  const mappings = mappingFields(inspection, device.id);
  const state = authors.ofField('devices', device.id, 'state', at);
  return {
    id: device.id,
    model: device.model,
    title: device.title,
    node: device.node,
    state: row?.state ?? 'absent',
    ...(start !== undefined && end !== undefined
      ? { range: { start: hex(start), end: hex(end) } }
      : {}),
    parts,
    registers,
    p2pmem,
    mappings,
    changed: state.changed || [...registers, ...p2pmem, ...mappings].some((one) => one.changed),
  };
}

/** Everything that ever has content, with the gaps between; ends exclusive, in PFNs. */
function pieces(inspection: Inspection, lab: readonly DeviceRange[]): MapPiece[] {
  const shift = BigInt(inspection.facts.arch.page_shift);
  const ranges = iomemPieces(inspection).map(({ start, end }) => ({ start, end }));
  for (const { start, end } of inspection.facts.machine.memory) {
    ranges.push({ start: Number(start >> shift), end: Number((end >> shift) + 1n) });
  }
  for (const { start, end } of lab) {
    if (start === undefined || end === undefined) continue;
    ranges.push({ start: Number(start >> shift), end: Number((end >> shift) + 1n) });
  }
  const cuts = [...new Set(ranges.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const found: MapPiece[] = [];
  if ((cuts[0] ?? 0) > 0) found.push({ start: 0, end: cuts[0] as number, content: false });
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const start = cuts[index] as number;
    const end = cuts[index + 1] as number;
    const content = ranges.some((range) => range.start < end && range.end > start);
    const last = found[found.length - 1];
    if (last && !last.content && !content) found[found.length - 1] = { ...last, end };
    else found.push({ start, end, content });
  }
  return found;
}
