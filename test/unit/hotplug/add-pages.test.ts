import { describe, expect, it } from 'vitest';
import { memremap_pages } from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { failed } from '../../../src/main/engine/core/world/operation.ts';
import { range, smallMachine } from '../pgmap/small-machine.ts';

const START = 0x200000000n;
const PFN = Number(START >> 12n);
const SECTION = 0x8000000n;

/** Two sections whose altmap holds the memmap of one. */
function halfFed(version: string) {
  const bench = smallMachine(version);
  const made = bench.call(memremap_pages, {
    type: 'GENERIC',
    ranges: [range(START, 2n * SECTION)],
    altmap: { base_pfn: PFN, reserve: 0, free: 1000 },
    nid: 0,
  });
  return { ...bench, made };
}

describe('__add_pages', () => {
  it('leaves the sections before a failing one, and the direct map of all', () => {
    const { world, made } = halfFed('6.12.117');
    expect(failed(made) && made.errno).toBe('ENOMEM');
    expect(world.at('sections', 64)).toMatchObject({ end: 65, flags: 3, memmap: 'altmap' });
    expect(world.at('sections', 65)).toBeUndefined();
    expect(world.at('vmemmap', PFN)).toMatchObject({ end: PFN + 32768, phys: START });
    expect(world.at('direct_map', PFN)).toMatchObject({ end: PFN + 65536, by: 'hotplug' });
    expect(world.at('pages', PFN)).toMatchObject({ state: 'zero' });
    expect(world.count('pgmaps')).toBe(0);
    expect(world.get('zones', 4)).toMatchObject({ spanned_pages: 0 });
  });

  it('makes memunmap_pages of such a pagemap complain of what is still taken', () => {
    // nr_range is 0 then: no range is unmapped, the altmap keeps the first section's 512 pages.
    const { world } = halfFed('6.12.117');
    expect([...world.rows('kernel_log')].map(({ text }) => text)).toEqual([
      'failed to free all reserved pages',
    ]);
  });

  it('counts a failed section off nr_memmap_pages before 6.12.101, though it was never on', () => {
    const counted = (version: string): unknown =>
      halfFed(version).world.get('vars', 'nr_memmap_pages')?.value;
    expect(counted('6.12.100')).toBeUndefined();
    // populate_section_memmap() counts from there on, whether it fails or not.
    expect(counted('6.12.117')).toBe(512);
    expect(counted('7.2')).toBe(512);
    expect(counted('6.1.192')).toBeUndefined();
  });

  it('refuses an altmap that starts elsewhere or is larger than the range, once in the log', () => {
    const { call, world } = smallMachine();
    for (const altmap of [
      { base_pfn: PFN + 512, reserve: 0, free: 512 },
      { base_pfn: PFN, reserve: 40000, free: 512 },
    ]) {
      const made = call(memremap_pages, {
        type: 'GENERIC',
        ranges: [range(START, SECTION)],
        altmap,
        nid: 0,
      });
      expect(failed(made) && made.errno).toBe('EINVAL');
    }
    expect([...world.rows('kernel_log')].map(({ text }) => text)).toEqual([
      'memory add fail, invalid altmap',
    ]);
  });

  it('words the warning about a misaligned range as the kernel of the time did', () => {
    const warned = (version: string): unknown => {
      const { call, world } = smallMachine(version);
      call(memremap_pages, { type: 'GENERIC', ranges: [range(START, 0x100000n)], nid: 0 });
      return [...world.rows('kernel_log')].map(({ text }) => text);
    };
    expect(warned('6.12.117')).toEqual(['Misaligned __add_pages start: 0x200000 end: 0x2000ff']);
    expect(warned('5.14')).toEqual(['Misaligned add start: 0x200000 end: #2000ff']);
  });

  it('adds a run of equal sections in one step, and cuts where the outcome changes', () => {
    const { log } = halfFed('6.12.117');
    const steps = Array.from({ length: log.length }, (_, at) => log.step(at + 1));
    const added = steps.filter(({ fn }) => fn === 'sparse_add_section');
    expect(added.map(({ count, err }) => [count, err?.errno])).toEqual([
      [1, undefined],
      [1, 'ENOMEM'],
    ]);
    const { call, log: whole } = smallMachine();
    call(memremap_pages, { type: 'GENERIC', ranges: [range(START, 64n * SECTION)], nid: 0 });
    const runs = Array.from({ length: whole.length }, (_, at) => whole.step(at + 1)).filter(
      ({ fn }) => fn === 'sparse_add_section',
    );
    expect(runs.map(({ count, range: covered }) => [count, covered])).toEqual([
      [64, { start: 64, end: 128, unit: 'section' }],
    ]);
  });

  it('maps 16 TiB in some dozen steps', () => {
    const { world, call, log } = smallMachine();
    // Struct pages for 16 TiB take 256 GiB: the machine gets 512 GiB of RAM from 4 GiB on.
    const ram = { nid: 0, start: 1 << 20, pages: 2 ** 27 };
    world.patch('zones', 2, {
      zone_start_pfn: ram.start,
      spanned_pages: ram.pages,
      present_pages: ram.pages,
      managed_pages: ram.pages,
    });
    const {
      start: _start,
      end: _end,
      ...free
    } = world.overlapping('pages', 8192, 8193)[0] ?? fail();
    world.set('pages', ram.start, ram.start + ram.pages, { ...free, zone: 2 });
    const made = call(memremap_pages, {
      type: 'FS_DAX',
      ranges: [range(1n << 40n, 16n << 40n)],
      nid: 0,
    });
    expect(failed(made)).toBe(false);
    expect(log.length).toBeLessThan(70);
  });
});

function fail(): never {
  throw new Error('the small machine has no page 8192');
}
