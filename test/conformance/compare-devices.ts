import type { Facts } from '../../src/main/engine/core/facts.ts';
import { resourceLines } from '../../src/main/engine/lab/inspect/iomem.ts';
import type { World } from '../../src/main/engine/core/world/world.ts';
import type { RowOf } from '../../src/shared/world/tables.ts';
import type { Value } from '../../src/shared/world/value.ts';
import type { Figures } from './compare.ts';
import type { CapturedPagemap, NvdimmDump } from './nvdimm-capture.ts';

/** What device memory adds to a dump: pagemaps, their struct pages, namespaces, iomem children. */
export function compareDevices(
  figures: Figures,
  world: World,
  facts: Facts,
  dump: NvdimmDump,
): void {
  comparePagemaps(figures, world, dump.kernel_state.pgmaps);
  compareDevicePages(figures, world, facts, dump);
  compareNamespaces(figures, world, dump);
  compareChildren(figures, world, dump);
}

function comparePagemaps(figures: Figures, world: World, captured: CapturedPagemap[]): void {
  const hex = (value: bigint): string => `0x${value.toString(16)}`;
  const got = new Map(
    [...world.rows('pgmaps')].map((row) => [hex(row.ranges[0]?.start ?? 0n), row]),
  );
  figures.compare('pagemaps', captured.length, got.size);
  for (const want of captured) {
    const start = want.ranges[0]?.[0] ?? '';
    const row = got.get(start);
    const at = `pagemap ${start}`;
    const ranges = row?.ranges.map((range) => [hex(range.start), hex(range.end)]);
    figures.compare(`${at} ranges`, JSON.stringify(want.ranges), JSON.stringify(ranges));
    figures.compare(
      `${at} type`,
      `${want.type_name} ${want.type}`,
      `${row?.type} ${row?.type_value}`,
    );
    figures.compare(`${at} flags`, Number(want.flags), row?.flags);
    figures.compare(`${at} nr_range`, want.nr_range, row?.nr_range);
    figures.compare(`${at} vmemmap_shift`, want.vmemmap_shift, row?.vmemmap_shift);
    const names = ['base_pfn', 'end_pfn', 'reserve', 'free', 'align', 'alloc'] as const;
    figures.compare(
      `${at} altmap`,
      want.altmap !== undefined,
      row !== undefined && row.altmap !== null,
    );
    for (const name of want.altmap ? names : []) {
      figures.compare(`${at} altmap.${name}`, want.altmap?.[name], row?.altmap?.[name]);
    }
  }
}

/**
 * Struct pages above the boot memory or of a pagemap: state, zone, PG_reserved, whether it heads a
 * compound page, and the reference count of every one.
 */
function compareDevicePages(
  figures: Figures,
  world: World,
  facts: Facts,
  { kernel_state: { struct_pages, vars, pgmaps } }: NvdimmDump,
): void {
  if (!struct_pages) return;
  const boot =
    Math.ceil(Number(vars['max_pfn']) / facts.arch.pages_per_section) *
    facts.arch.pages_per_section;
  const mapped = pgmaps.flatMap(({ ranges }) =>
    ranges.map(([start, end]) => [Number(start) / 4096, (Number(end) + 1) / 4096] as const),
  );
  const isDevice = (pfn: number): boolean =>
    pfn >= boot || mapped.some(([start, end]) => start <= pfn && pfn < end);
  const { runs } = struct_pages;
  const rows = [...world.rows('pages')];
  const cuts = new Set([
    ...mapped.flat(),
    ...runs.flatMap((run) => [run.start_pfn, run.end_pfn]),
    ...rows.flatMap((row) => [row.start, row.end]),
    ...rows.flatMap(headsOf),
  ]);
  const edges = [...cuts].sort((a, b) => a - b);
  for (const [i, pfn] of edges.entries()) {
    const end = edges[i + 1];
    if (end === undefined) break;
    if (!isDevice(pfn)) continue;
    const run = runs.find(({ start_pfn, end_pfn }) => start_pfn <= pfn && pfn < end_pfn);
    const row = world.at('pages', pfn);
    if (!run && !row) continue;
    // A struct page that was never initialised reads as zone 0, node 0, no flags, count 0.
    const zero = row?.state === 'zero' || row?.state === 'poison';
    const zone = row && (zero ? facts.arch.zones[0] : facts.arch.zones[row.zone]);
    const order = zero ? 0 : (row?.compound_order ?? 0);
    const head = order > 0 && pfn % 2 ** order === 0;
    const refcount = row && (zero || (order > 0 && !head) ? 0 : row.refcount);
    const reserved = row && !zero && row.flags.split('|').includes('reserved') ? 1 : 0;
    const at = `struct pages ${pfn}-${end}`;
    figures.compare(`${at} zone`, run?.zone, zone);
    figures.compare(`${at} head`, run && (run.head ?? 0), row && Number(head));
    figures.compare(`${at} refcount`, run && (run.refcount ?? 0), refcount);
    figures.compare(`${at} reserved`, run && (run.reserved ?? 0), row && reserved);
  }
}

/** Where a run of compound pages changes from head to tails and back. */
function headsOf({ start, end, compound_order }: RowOf<'pages'>): number[] {
  const nr = 2 ** compound_order;
  if (nr === 1) return [];
  const edges: number[] = [];
  for (let head = Math.ceil(start / nr) * nr; head < end; head += nr) edges.push(head, head + 1);
  return edges;
}

function compareNamespaces(figures: Figures, world: World, dump: NvdimmDump): void {
  const want = new Map(
    dump.ndctl
      .flatMap(({ regions = [] }) => regions)
      .flatMap(({ namespaces = [] }) => namespaces)
      // A seed has no size: it is where the next namespace will be.
      .filter(({ size }) => typeof size === 'number' && size > 0)
      .map((namespace) => [namespace.dev, namespace]),
  );
  const got = new Map<string, Readonly<Record<string, Value>>>();
  for (const { name, value } of world.rows('registers')) {
    if (name !== 'namespaces') continue;
    const record = value as Readonly<Record<string, Value>>;
    if (record['state'] === 'enabled') got.set(String(record['name']), record);
  }
  figures.compare('namespaces', [...want.keys()].sort(), [...got.keys()].sort());
  for (const [name, { mode, map, size, align }] of want) {
    const record = got.get(name);
    figures.compare(`${name} mode`, mode, record?.['mode']);
    figures.compare(`${name} size`, size, record?.['usable']);
    if (map !== undefined) figures.compare(`${name} map`, map, record?.['map']);
    if (align !== undefined) figures.compare(`${name} align`, align, record?.['align']);
  }
}

function compareChildren(figures: Figures, world: World, dump: NvdimmDump): void {
  const isNamespace = (name: string): boolean => /^(namespace|dax)\d+\.\d+$/.test(name);
  const want = dump.iomem
    .filter(({ name }) => isNamespace(name))
    .map(({ start, end, name, depth }) => `${depth} ${BigInt(start)}-${BigInt(end)} ${name}`);
  const got = resourceLines(world)
    .filter(({ name }) => isNamespace(name))
    .map(({ start, end, name, depth }) => `${depth} ${start}-${end} ${name}`);
  figures.compare('iomem namespaces', want, got);
}
