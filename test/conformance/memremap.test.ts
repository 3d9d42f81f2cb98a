import { describe, expect, it } from 'vitest';
import { start_kernel } from '../../src/main/engine/kernel/boot/start-kernel.ts';
import { encodeFlags, flagList } from '../../src/main/engine/kernel/page/flags.ts';
import { World } from '../../src/main/engine/core/world/world.ts';
import { benchOf, type Bench } from '../unit/pgmap/small-machine.ts';
import {
  factsOf,
  fixture,
  type CallEvent,
  type DumpEvent,
  type Fixture,
} from './memremap-fixture.ts';
import './figures-table.ts';
import { CaptureModule } from './memremap-module.ts';

const NAMES = [
  'z1-memremap-params-6.12.117',
  'z1-memremap-params-7.2.13',
  'z2-memremap-altmap-6.12.117',
  'z2-memremap-altmap-7.2.13',
  'z4-device-private-6.12.117',
  'z4-device-private-7.2.13',
];

/** Pagemaps whose memmap lies where the captured machine has no memory: contents read as 0. */
const NO_MEMORY_BEHIND = new Set(['0x320000000']);

function maps(dump: DumpEvent, at: string): boolean {
  return dump.pgmaps.some(({ ranges }) => ranges[0]?.[0] === at);
}

function boot(captured: Fixture): Bench {
  const bench = benchOf(new World(), factsOf(captured));
  bench.call(start_kernel, {});
  return bench;
}

function expectSections(bench: Bench, dump: DumpEvent): void {
  const got: { nr: number; flags: string; subsections: string }[] = [];
  for (const { start, end, flags, subsection_map } of bench.world.rows('sections')) {
    for (let nr = Math.max(start, 4); nr < end; nr += 1) {
      const subsections = `0x${subsection_map.toString(16).padStart(16, '0')}`;
      got.push({ nr, flags: `0x${flags.toString(16)}`, subsections });
    }
  }
  expect(got, `sections at ${dump.dump}`).toEqual(dump.sections);
}

function expectPagemaps(bench: Bench, dump: DumpEvent): void {
  const { world, facts } = bench;
  const rows = [...world.rows('pgmaps')].sort((a, b) =>
    (a.ranges[0]?.start ?? 0n) < (b.ranges[0]?.start ?? 0n) ? -1 : 1,
  );
  const got = rows.map((row) => ({
    type: row.type_value,
    ranges: row.ranges.map(({ start, end }) => [
      `0x${start.toString(16)}`,
      `0x${end.toString(16)}`,
    ]),
    flags: `0x${row.flags.toString(16)}`,
    shift: row.vmemmap_shift,
    altmap: row.altmap,
  }));
  const want = dump.pgmaps.map(({ type, ranges, flags, shift, altmap }) => ({
    type,
    ranges,
    flags,
    shift,
    altmap,
  }));
  expect(got, `pagemaps at ${dump.dump}`).toEqual(want);
  for (const pgmap of dump.pgmaps) {
    const [first] = pgmap.ranges;
    if (first && NO_MEMORY_BEHIND.has(first[0])) continue;
    for (const [pfn, phys, size] of pgmap.memmap_at) {
      const where = `memmap of pfn ${pfn} at ${dump.dump}`;
      const row = world.at('vmemmap', pfn);
      expect(row?.mapping, where).toBe(size === 4096 ? 'PTE' : 'PMD');
      // Which page of RAM the kernel took is no figure of the machine's; the altmap's pages are.
      if (row?.phys == null || row.source !== 'altmap') continue;
      expect(`0x${(row.phys + BigInt(pfn - row.start) * 64n).toString(16)}`, where).toBe(phys);
    }
    for (const [pfn, flags, refcount, mapcount] of pgmap.pages) {
      const where = `struct page ${pfn} at ${dump.dump}`;
      const row = world.at('pages', pfn);
      if (!row) expect.fail(`${where}: none`);
      const head = row.compound_order > 0 && (pfn - row.start) % 2 ** row.compound_order === 0;
      const tail = row.compound_order > 0 && !head;
      expect(
        row.state === 'zero' ? [0, 0] : [tail ? 0 : row.refcount, row.mapcount],
        where,
      ).toEqual([refcount, mapcount]);
      // The bits of tail pages are compound_order and such, which share the word.
      if (tail) continue;
      const word =
        row.state === 'zero' ? 0n : encodeFlags(facts, { ...row, flags: names(row, head) });
      expect(`0x${word.toString(16)}`, where).toBe(flags);
    }
  }
}

function names(row: { flags: string }, head: boolean): string[] {
  return [...flagList(row.flags), ...(head ? ['head'] : [])];
}

function expectPageRuns(bench: Bench, dump: DumpEvent): void {
  const { world, facts } = bench;
  const hidden = [...NO_MEMORY_BEHIND].map((at) => Number(BigInt(at) >> 12n));
  for (const run of dump.page_runs) {
    if (hidden.includes(run.start)) continue;
    const where = `struct pages ${run.start}-${run.end} at ${dump.dump}`;
    const rows = world.overlapping('pages', run.start, run.end);
    if (run.unreadable) {
      expect(rows, where).toEqual([]);
      continue;
    }
    expect(rows.length, where).toBeGreaterThan(0);
    let at = run.start;
    for (const row of rows) {
      expect(row.start <= at, `${where}: hole at ${at}`).toBe(true);
      at = row.end;
      if (row.state === 'zero') {
        expect({ zone: 'DMA', reserved: undefined, refcount: undefined }, where).toEqual({
          zone: run.zone,
          reserved: run.reserved,
          refcount: run.refcount,
        });
        continue;
      }
      const zone = facts.arch.zones[row.zone] ?? row.zone;
      const tail =
        row.compound_order > 0 && (run.start - row.start) % 2 ** row.compound_order !== 0;
      expect(
        { zone, reserved: flagList(row.flags).includes('reserved') ? 1 : undefined },
        where,
      ).toEqual({ zone: run.zone, reserved: run.reserved });
      if (run.refcount !== undefined) expect(tail ? 0 : row.refcount, where).toBe(run.refcount);
      if (run.head) expect(row.compound_order > 0 && !tail, where).toBe(true);
    }
    expect(at >= run.end, `${where}: hole at ${at}`).toBe(true);
  }
}

function expectDump(bench: Bench, dump: DumpEvent): void {
  const { world, facts } = bench;
  const device = world.need('zones', facts.arch.zones.indexOf('Device'));
  const node = world.need('nodes', 0);
  expect(
    {
      start_pfn: device.zone_start_pfn,
      spanned: device.spanned_pages,
      contiguous: Number(device.contiguous),
    },
    `zone Device at ${dump.dump}`,
  ).toEqual(dump.device);
  expect(device).toMatchObject({ present_pages: 0, managed_pages: 0 });
  expect(
    { start_pfn: node.node_start_pfn, spanned: node.node_spanned_pages },
    `node 0 at ${dump.dump}`,
  ).toEqual(dump.node);
  for (const [name, value] of Object.entries(dump.vars)) {
    expect(Number(world.get('vars', name)?.value), `${name} at ${dump.dump}`).toBe(value);
  }
  expectSections(bench, dump);
  expectPagemaps(bench, dump);
  expectPageRuns(bench, dump);
}

function expectCall(bench: Bench, module: CaptureModule, event: CallEvent): string | undefined {
  if (!event.reached) return `${event.step}: refused by the capture's own module`;
  if (event.command === 'vmstat') {
    const counted = Number(bench.world.get('vars', 'nr_memmap_pages')?.value ?? 0);
    expect(counted, 'nr_memmap_pages').toBe(event.nr_memmap_pages);
    return undefined;
  }
  const logged = bench.world.count('kernel_log');
  const answer = module.run(event.command);
  if (!answer) return `${event.step}: not mapped (${event.command})`;
  expect(answer.errno, `${event.step}: ${event.command}`).toBe(event.errno);
  if (event.altmap) expect(answer.altmap, event.step).toEqual(event.altmap);
  if (event.free_region) expect(answer.free_region, event.step).toBe(event.free_region);
  const lines = [...bench.world.rows('kernel_log')].slice(logged).map(({ text }) => text);
  for (const line of event.log) expect(lines, event.step).toContain(line);
  return undefined;
}

describe.each(NAMES)('memremap_pages as captured: %s', (name) => {
  const captured = fixture(name);

  it('gives the errnos, altmaps, sections, spans and struct pages the kernel had', (context) => {
    const bench = boot(captured);
    const module = new CaptureModule(bench);
    const skipped = [...NO_MEMORY_BEHIND]
      .filter((at) => captured.events.some((event) => 'dump' in event && maps(event, at)))
      .map((at) => `struct pages of ${at}: its memmap had no memory behind it`);
    const tell = (differing: number): void => {
      const compared = expect.getState().assertionCalls;
      const [, capture = name, kernel = ''] = /^(.*)-([\d.]+)$/.exec(name) ?? [];
      context.task.meta.figures = {
        capture: `module: ${capture}`,
        kernel,
        compared,
        equal: compared - differing,
        notCompared: skipped.length,
      };
    };
    // The first difference ends the test: until the last line is reached there is one.
    let differing = 1;
    context.onTestFinished(() => tell(differing));
    for (const event of captured.events) {
      if ('dump' in event) expectDump(bench, event);
      else {
        const why = expectCall(bench, module, event);
        if (why !== undefined) skipped.push(why);
      }
    }
    const lines = [...bench.world.rows('kernel_log')].map(({ text }) => text);
    expect(lines).not.toContain('failed to free all reserved pages');
    differing = 0;
    for (const why of skipped) void context.annotate(`not compared: ${why}`);
  });
});
