import type { MachineView, MapPiece } from '../../../shared/bench/views.ts';
import type { Inspection } from './context.ts';
import { deviceView, type DeviceRange } from './device-view.ts';
export type { DeviceRange } from './device-view.ts';
import { bytesText, hex } from './format.ts';
import { iomemPieces } from './iomem.ts';

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
