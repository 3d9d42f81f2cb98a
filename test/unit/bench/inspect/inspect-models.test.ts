import { describe, expect, test } from 'vitest';
import { finalState } from '../../../../src/main/engine/lab/inspect/final-state.ts';
import { pageView } from '../../../../src/main/bench/inspect/page.ts';
import { sectionView } from '../../../../src/main/bench/inspect/sections.ts';
import { resolvePlace } from '../../../../src/main/bench/session/resolve-place.ts';
import { flagRows } from '../../../../src/renderer/panes/inspector/flags-word.ts';
import { runLab } from '../booted.ts';

const lab = (kernel: string) => `pfnlab: 1
title: small
kernel: ${kernel}
machine:
  cpu: { phys_bits: 36 }
  memory:
    - { start: 0x0, end: 0x9fbff, type: usable }
    - { start: 0x100000, end: 0x3fffffff, type: usable }
program:
  - boot
`;

describe('bench/inspect: FLATMEM of a 32-bit kernel', () => {
  const { session } = runLab(lab('{ version: "4.3", arch: x86_32, model: flatmem }'));
  session.seek(session.length);
  const page = pageView(session.inspection(), 0x1000);

  test('a page is at mem_map plus its index, and in low memory below that address', () => {
    expect(page.page).toBe('0xf741e000');
    expect(page.stored_at).toBe('0x3741e000');
    expect(page.conversion).toEqual([
      'pfn_valid: true, 0x1000 is below max_mapnr 0x40000: mem_map has an entry, RAM or hole',
      'ARCH_PFN_OFFSET: 0x0',
      'pfn_to_page: mem_map 0xf73fe000 + (0x1000 \u2212 0x0) \u00d7 32 = 0xf741e000',
      'page_to_pfn: (0xf741e000 \u2212 mem_map 0xf73fe000) / 32 + 0x0 = 0x1000',
    ]);
  });

  test('its flags word has one row of 32 bits, the zone at the top', () => {
    expect(page.word_fields[0]).toMatchObject({ name: 'zone', high: 31, low: 30, value: '0x1' });
    const rows = flagRows(page);
    expect(rows.map(({ bits }) => bits.length)).toEqual([32]);
    expect(rows[0]?.captions.reduce((sum, { span }) => sum + span, 0)).toBe(32);
  });

  test('the state says which model it is of', () => {
    const { kernel } = finalState(session.cursor.world, session.facts);
    expect(kernel).toMatchObject({ arch: 'x86_32', model: 'flatmem', hypothetical: false });
  });

  test('its fields lie inside 32 bytes', () => {
    const offsets = page.fields.map(({ offset }) => offset ?? 0);
    expect(Math.max(...offsets)).toBeLessThan(32);
    expect(new Set(offsets).size).toBe(offsets.length);
  });

  test('the address of a struct page leads to its PFN', () => {
    const links = resolvePlace(session.inspection(), '0xf741e000');
    expect(links.map(({ link }) => link)).toContain('pfn:4096');
  });
});

describe('bench/inspect: classic SPARSEMEM', () => {
  const { session } = runLab(lab('{ version: "4.3", model: sparsemem }'));
  session.seek(session.length);

  test('a page carries its section, and the section its coded memmap', () => {
    const page = pageView(session.inspection(), 0x10001);
    const section = page.word_fields.find(({ name }) => name === 'section');
    expect(section).toMatchObject({ high: 63, low: 45, meaning: 'section 2' });
    const word = BigInt(sectionView(session.inspection(), 2).fields[0]?.text ?? '0');
    expect(BigInt(page.page) - 0x10001n * 64n).toBe(word & ~3n);
    expect(word & 3n).toBe(3n);
  });

  test('the address of a struct page leads to its PFN', () => {
    const { page } = pageView(session.inspection(), 0x10001);
    const links = resolvePlace(session.inspection(), page);
    expect(links.map(({ link }) => link)).toContain('pfn:65537');
  });
});

describe('bench/inspect: sectionView', () => {
  test.each([
    ['4.3', ['PRESENT', 'HAS_MEM_MAP']],
    ['5.3', ['PRESENT', 'HAS_MEM_MAP', 'ONLINE', 'EARLY']],
    ['6.1', ['PRESENT', 'HAS_MEM_MAP', 'ONLINE', 'EARLY', 'TAINT_ZONE_DEVICE']],
  ])('%s: the bits of section_mem_map are those its kernel has', (version, names) => {
    const { session } = runLab(lab(`{ version: "${version}" }`));
    session.seek(session.length);
    const view = sectionView(session.inspection(), 0);
    expect(view.flag_bits.map(({ name }) => name)).toEqual(names);
  });
});
