import { describe, expect, it } from 'vitest';
import {
  memory_failure,
  soft_offline_page,
} from '../../../src/main/engine/kernel/mm/memory-failure.ts';
import { memremap_pages } from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { brought, range, smallMachine, type Bench } from '../pgmap/small-machine.ts';

const BASE = 0x200000000n;
const PFN = 0x200000;

function machine(version: string, type: string, more: object = {}): Bench {
  const bench = smallMachine(version, { DEVICE_PRIVATE: 'y' });
  const ops = brought(bench, ['page_free', 'folio_free', 'migrate_to_ram']);
  const request = { type, ranges: [range(BASE, 0x8000000n)], nid: 0, owner: 'x', ...ops, ...more };
  expect(bench.call(memremap_pages, request)).toHaveProperty('pgmap');
  return bench;
}

const inFile = ({ world }: Bench, pfn = PFN) =>
  world.set('page_mappings', pfn, pfn + 1, { mapping: 'file:/mnt/a', index: 0 });

const poisoned = ({ world }: Bench, pfn = PFN) => world.at('pages', pfn)?.flags;
const log = ({ world }: Bench) => [...world.rows('kernel_log')].map(({ text }) => text);

describe('memory_failure', () => {
  it('marks a page of a DAX file and says so, under its pagemap\u2019s reference', () => {
    for (const version of ['4.20', '5.3', '5.14', '6.1', '6.12', '7.2']) {
      const bench = machine(version, 'FS_DAX');
      const [{ ref } = { ref: 0 }] = [...bench.world.rows('pgmaps')];
      inFile(bench);
      expect([version, bench.call(memory_failure, { pfn: PFN })]).toEqual([version, undefined]);
      expect(poisoned(bench)).toBe('hwpoison|reserved');
      expect(log(bench).at(-1)).toBe(
        'Memory failure: 0x200000: recovery action for dax page: Recovered',
      );
      expect([...bench.world.rows('pgmaps')][0]?.ref).toBe(ref);
    }
  });

  it('cannot lock a page of no file: -EBUSY', () => {
    const bench = machine('6.12', 'FS_DAX');
    expect(bench.call(memory_failure, { pfn: PFN })).toMatchObject({ errno: 'EBUSY' });
    expect(poisoned(bench)).toBe('reserved');
  });

  it('does not handle device-private and coherent pages', () => {
    for (const [version, type, errno] of [
      ['5.14', 'PRIVATE', 'EBUSY'],
      ['6.12', 'PRIVATE', 'ENXIO'],
      ['6.12', 'COHERENT', 'ENXIO'],
    ] as const) {
      const bench = machine(version, type);
      inFile(bench);
      expect(bench.call(memory_failure, { pfn: PFN })).toMatchObject({ errno });
    }
  });

  it('refuses pages of the memmap on the device from 5.12 on', () => {
    const altmap = { altmap: { base_pfn: PFN, reserve: 2, free: 1534 } };
    const at = (version: string, pfn: number) => {
      const bench = machine(version, 'FS_DAX', altmap);
      inFile(bench, pfn);
      return bench.call(memory_failure, { pfn });
    };
    expect(at('6.12', PFN + 100)).toMatchObject({ errno: 'ENXIO' });
    expect(at('6.12', PFN + 1536)).toBeUndefined();
    expect(at('5.3', PFN + 100)).toBeUndefined();
  });

  it('takes a device page for the kernel\u2019s own in 4.14', () => {
    const bench = machine('4.14', 'HOST');
    expect(bench.call(memory_failure, { pfn: PFN })).toMatchObject({ errno: 'EBUSY' });
  });

  it('finds nothing where no struct page is', () => {
    const bench = smallMachine('6.12');
    expect(bench.call(memory_failure, { pfn: PFN })).toMatchObject({ errno: 'ENXIO' });
    expect(log(bench).at(-1)).toBe('Memory failure: 0x200000: memory outside kernel control');
  });

  it('takes a free page away from the buddy allocator', () => {
    const bench = smallMachine('6.12');
    expect(bench.call(memory_failure, { pfn: 5000 })).toBeUndefined();
    expect(bench.world.at('pages', 5000)).toMatchObject({ buddy: false, flags: 'hwpoison' });
  });
});

describe('soft_offline_page', () => {
  it('is -EIO for a device page, -ENXIO without a struct page', () => {
    const bench = machine('6.12', 'FS_DAX');
    expect(bench.call(soft_offline_page, { pfn: PFN })).toMatchObject({ errno: 'EIO' });
    expect(bench.call(soft_offline_page, { pfn: 0x300000 })).toMatchObject({ errno: 'ENXIO' });
  });
});
