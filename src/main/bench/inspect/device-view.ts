import type { MachineView } from '../../../shared/bench/views.ts';
import { typeName } from '../../engine/kernel/pgmap/pagemap.ts';
import type { RowOf } from '../../../shared/world/tables.ts';
import type { RegisterSpec } from '../../engine/kernel/device/model.ts';
import type { Inspection } from './context.ts';
import { mappingFields, p2pmemFields } from './device-dma.ts';
import { recordField } from './fields.ts';
import { bytesText, hex } from './format.ts';
import { pagemapFill, resourceFill } from './iomem.ts';

/** Where a device's memory lies, as the lab says. Bytes, end inclusive. */
export interface DeviceRange {
  readonly id: string;
  readonly model: string;
  readonly title: string;
  readonly node: number;
  readonly start: bigint | undefined;
  readonly end: bigint | undefined;
  /** Registers its model declares; none where the model is not here. */
  readonly registers: readonly Pick<RegisterSpec, 'id' | 'count' | 'reset'>[];
}

/** Memory of a device that got its addresses from the kernel, or that has no resource: VRAM. */
function deviceMemory(
  { world, facts }: Inspection,
  device: string,
): MachineView['devices'][number]['parts'] {
  const shift = BigInt(facts.arch.page_shift);
  return [...world.rows('pgmaps')].flatMap((pgmap) => {
    const fill = pgmap.device === device ? pagemapFill(pgmap) : undefined;
    if (fill === undefined) return [];
    return pgmap.ranges.map(({ start, end }) => ({
      id: pgmap.id,
      label: `${typeName(pgmap).toLowerCase().replace('pci_', '')} memory`,
      detail: bytesText(end - start + 1n),
      start: Number(start >> shift),
      end: Number((end >> shift) + 1n),
      fill,
    }));
  });
}

/** What a device's registers hold: those written, and single ones at their reset value. */
function registersOf({ world }: Inspection, device: DeviceRange): RowOf<'registers'>[] {
  const written = [...world.rows('registers')].filter((row) => row.device === device.id);
  const names = new Set(written.map((row) => row.name));
  const unwritten = device.registers.flatMap(({ id, count, reset }) =>
    count > 1 || names.has(id)
      ? []
      : [{ key: `${device.id}/${id}`, device: device.id, name: id, index: 0, value: reset }],
  );
  return [...written, ...unwritten];
}

/** A device with what it holds, its registers and what is mapped for it. */
export function deviceView(
  inspection: Inspection,
  device: DeviceRange,
): MachineView['devices'][number] {
  const { world, authors, at, facts } = inspection;
  const row = world.get('devices', device.id);
  const { start, end } = device;
  const shift = BigInt(facts.arch.page_shift);
  const parts = [...deviceMemory(inspection, device.id)];
  const resources = [...world.rows('resources')]
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
  parts.push(...resources.filter((one) => !parts.some((part) => part.start === one.start)));
  const [whole] = parts;
  const range =
    start !== undefined && end !== undefined
      ? { start: hex(start), end: hex(end) }
      : whole && {
          start: hex(BigInt(Math.min(...parts.map((part) => part.start))) << shift),
          end: hex((BigInt(Math.max(...parts.map((part) => part.end))) << shift) - 1n),
        };
  const registers = registersOf(inspection, device)
    .slice(0, 200)
    .map((register) => ({
      ...recordField(inspection, 'registers', register, 'value'),
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
    ...(range ? { range } : {}),
    parts,
    registers,
    p2pmem,
    mappings,
    changed: state.changed || [...registers, ...p2pmem, ...mappings].some((one) => one.changed),
  };
}
