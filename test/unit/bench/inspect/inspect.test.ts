import { describe, expect, test } from 'vitest';
import { machineView } from '../../../../src/main/bench/inspect/machine.ts';
import { mapView } from '../../../../src/main/bench/inspect/map.ts';
import { nodeViews } from '../../../../src/main/bench/inspect/nodes.ts';
import { pageView } from '../../../../src/main/bench/inspect/page.ts';
import { sectionView } from '../../../../src/main/bench/inspect/sections.ts';
import { changedLines } from '../../../../src/main/bench/inspect/texts.ts';
import { resolvePlace } from '../../../../src/main/bench/session/resolve-place.ts';
import { runLab, SMALL_LAB } from '../booted.ts';

const { session } = runLab();

/** A field of ZONE_DMA32 at the step the session stands at. */
const ofDma32 = (field: string) =>
  nodeViews(session.inspection())[0]
    ?.zones.find(({ name }) => name === 'DMA32')
    ?.fields.find(({ name }) => name === field);

describe('bench/inspect', () => {
  test('every figure of a zone names the step that wrote it', () => {
    session.seek(session.length);
    const spanned = ofDma32('spanned_pages');
    expect(spanned?.text).toBe('126943');
    const author = session.source.step(spanned?.by ?? 0);
    expect(author.fn).toBe('calculate_node_totalpages');
    expect(
      author.diff.some(({ table, to }) => table === 'zones' && to?.['spanned_pages'] === 126943),
    ).toBe(true);
  });

  test('what the current step wrote is marked, with what stood there before', () => {
    const managed = () => ofDma32('managed_pages');
    session.seek(session.length);
    const last = managed();
    session.seek(last?.by ?? 0);
    const here = managed();
    session.seek(session.at - 1);
    expect(here).toMatchObject({ changed: true, was: managed()?.text, text: last?.text });
    expect(here?.was).not.toBe(here?.text);
    session.seek(session.at + 2);
    expect(managed()?.changed).toBe(false);
  });

  test('the first page of a free block has the order in private, the others nothing', () => {
    session.seek(session.length);
    const order = (pfn: number) =>
      pageView(session.inspection(), pfn).fields.find(({ name }) => name === 'private')?.text;
    // Free from 1 MiB on: PFN 256 begins a block of 256 pages, 512 one of 512.
    expect([256, 257, 512, 1024].map(order)).toEqual(['8', '0', '9', '10']);
  });

  test('a write to any field of a page says which: isolation writes the migratetype', () => {
    const offline = SMALL_LAB.replace('- boot', '- boot\n  - offline: { block: 1 }');
    const { session: run } = runLab(offline);
    const { writes } = pageView(run.inspection(), 0x8000);
    const isolated = writes.filter(({ fn }) => fn === 'start_isolate_page_range');
    expect(isolated.map(({ what }) => what)).toEqual(['migratetype']);
    expect(writes.filter(({ what }) => what === '0 fields')).toEqual([]);
  });

  test('an early section: its word is the vmemmap base with the flags, its map whole', () => {
    session.seek(session.length);
    const view = sectionView(session.inspection(), 1);
    expect(view.present).toBe(true);
    expect(view.fields[0]?.text).toBe('0xffffea000000000f');
    expect(view.subsections).toHaveLength(64);
    expect(view.subsections.every(({ set }) => set)).toBe(true);
    expect(sectionView(session.inspection(), 9).present).toBe(false);
  });

  test('a page in a hole below 16 MiB is reserved, in zone DMA, and one above RAM has no memmap', () => {
    session.seek(session.length);
    const hole = pageView(session.inspection(), 0xa0);
    expect(hole).toMatchObject({ valid: true, zone: 'DMA', state: 'reserved' });
    expect(hole.bits.find(({ name }) => name === 'PG_reserved')?.set).toBe(true);
    const above = pageView(session.inspection(), 0x100000);
    expect(above).toMatchObject({ valid: false, state: 'absent', page: '' });
    expect(above.valid_why).toBe('section 32 is not present');
  });

  test('the conversion shows this machine\u2019s numbers both ways', () => {
    const { conversion } = pageView(session.inspection(), 0x1000);
    // 0x1000 * 64 = 0x40000 above the vmemmap base.
    expect(conversion.join('\n')).toContain('0xffffea0000040000');
    expect(conversion[conversion.length - 1]).toMatch(/= 0x1000$/);
  });

  test('the map answers every tier and merges what is too fine to draw', () => {
    session.seek(session.length);
    const range = { start: 0, end: 131072 };
    const view = mapView(
      session.inspection(),
      range,
      ['iomem', 'zone', 'section', 'subsection', 'extent'],
      500,
    );
    const tiers = new Set(view.blocks.map(({ tier }) => tier));
    expect([...tiers].sort()).toEqual(['extent', 'iomem', 'section', 'subsection', 'zone']);
    expect(view.blocks.filter(({ tier }) => tier === 'section')).toHaveLength(4);
    expect(view.coarse).toEqual([]);
    const coarse = mapView(session.inspection(), range, ['subsection'], 16);
    expect(coarse.coarse).toEqual(['subsection']);
    expect(coarse.blocks.length).toBeLessThanOrEqual(32);
  });

  test('before the first step the map shows what firmware reports', () => {
    session.seek(0);
    const view = mapView(session.inspection(), { start: 0, end: 131072 }, ['iomem'], 100);
    expect(view.blocks.map(({ label }) => label)).toEqual([
      'System RAM',
      'Reserved',
      'System RAM',
      'Reserved',
    ]);
    expect(machineView(session.inspection(), 't', []).pieces.some(({ content }) => content)).toBe(
      true,
    );
    session.seek(session.length);
  });

  test('a typed number offers each meaning it can have, a name its function', () => {
    const links = resolvePlace(session.inspection(), '0x1000').map(({ link }) => link);
    expect(links).toContain('pfn:4096');
    expect(links).toContain('pfn:1');
    expect(resolvePlace(session.inspection(), 'section 3')).toEqual([
      { link: 'section:3', label: 'section 3' },
    ]);
    expect(resolvePlace(session.inspection(), 'sparse_init')[0]?.label).toMatch(
      /^sparse_init, step \d+$/,
    );
    expect(resolvePlace(session.inspection(), 'node 0')).toEqual([
      { link: 'node:0', label: 'node 0' },
    ]);
    expect(resolvePlace(session.inspection(), 'node 7')).toEqual([]);
    expect(resolvePlace(session.inspection(), 'zone dma32')).toEqual([
      { link: 'zone:0:DMA32', label: 'zone DMA32 of node 0' },
    ]);
  });

  test('lines that only moved are not marked as changed', () => {
    expect([...changedLines(['a', 'b', 'c'], ['a', 'x', 'b', 'c'])]).toEqual([1]);
    expect([...changedLines(['a', 'b'], ['a', 'c'])]).toEqual([1]);
    expect([...changedLines([], ['a'])]).toEqual([0]);
  });
});
