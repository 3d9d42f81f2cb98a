import { describe, expect, it } from 'vitest';
import { memremap_pages } from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { failed } from '../../../src/main/engine/core/world/operation.ts';
import { range, smallMachine } from './small-machine.ts';

const RANGE = [range(0x300000000n, 0x8000000n)];
const OPS = ['migrate_to_ram', 'page_free', 'folio_free'];

interface Asked {
  readonly type: string | number;
  readonly ops?: string[];
  readonly owner?: string;
}

function map(version: string, asked: Asked, config: Record<string, string> = {}) {
  const bench = smallMachine(version, config);
  const made = bench.call(memremap_pages, { ranges: RANGE, nid: 0, ...asked });
  const idle = bench.world.at('pages', 0x300000)?.refcount;
  const ref = [...bench.world.rows('pgmaps')][0]?.ref;
  return { refused: failed(made) ? `${made.errno} ${made.check}` : null, idle, ref, bench };
}

describe('memremap_pages: what each memory type demands', () => {
  it('refuses PRIVATE in a kernel built without DEVICE_PRIVATE', () => {
    expect(map('6.12.117', { type: 'PRIVATE', ops: OPS, owner: 'gpu' }).refused).toBe(
      'EINVAL !IS_ENABLED(CONFIG_DEVICE_PRIVATE)',
    );
  });

  it('refuses PRIVATE without migrate_to_ram, without a free callback, without an owner', () => {
    const config = { DEVICE_PRIVATE: 'y' };
    const refused = (ops: string[], owner: string): string | null =>
      map('6.12.117', { type: 'PRIVATE', ops, owner }, config).refused;
    expect(refused([], 'gpu')).toContain('migrate_to_ram');
    expect(refused(['migrate_to_ram'], 'gpu')).toContain('ops->page_free');
    expect(refused(['migrate_to_ram', 'page_free'], '')).toContain('!pgmap->owner');
    expect(refused(['migrate_to_ram', 'page_free'], 'gpu')).toBeNull();
  });

  it('asks for folio_free where page_free was renamed', () => {
    const asked = { type: 'COHERENT', owner: 'gpu' };
    expect(map('7.2.13', { ...asked, ops: ['page_free'] }).refused).toContain('folio_free');
    expect(map('7.2.13', { ...asked, ops: ['folio_free'] }).refused).toBeNull();
    expect(map('6.18', { ...asked, ops: ['page_free'] }).refused).toBeNull();
  });

  it('needs no owner for PRIVATE before 5.7, and page_free for FS_DAX then', () => {
    const config = { DEVICE_PRIVATE: 'y' };
    expect(map('5.3', { type: 'PRIVATE', ops: OPS }, config).refused).toBeNull();
    expect(map('5.3', { type: 'FS_DAX' }, config).refused).toContain('page_free');
    expect(map('5.14', { type: 'FS_DAX' }, config).refused).toBeNull();
  });

  it('has no COHERENT before 6.0, and numbers types as its enum does', () => {
    expect(map('5.19', { type: 'COHERENT', ops: OPS, owner: 'gpu' }).refused).toContain('EINVAL');
    const value = (version: string, type: string): number | undefined =>
      [...map(version, { type, ops: OPS }).bench.world.rows('pgmaps')][0]?.type_value;
    expect([value('6.12', 'FS_DAX'), value('5.14', 'FS_DAX'), value('4.20', 'PCI_P2PDMA')]).toEqual(
      [3, 2, 4],
    );
    expect([value('6.12', 'GENERIC'), value('5.14', 'GENERIC'), value('5.3', 'GENERIC')]).toEqual([
      4, 3, 3,
    ]);
  });

  it('only warns about a number that is no type', () => {
    const { refused, bench } = map('6.12.117', { type: 0 });
    expect(refused).toBeNull();
    expect([...bench.world.rows('kernel_log')].map(({ text }) => text)).toContain(
      'Invalid pgmap type 0',
    );
  });

  it.each([
    ['FS_DAX', '6.1.192', 1],
    ['FS_DAX', '6.12.117', 1],
    ['FS_DAX', '6.18', 0],
    ['GENERIC', '6.1.192', 1],
    ['GENERIC', '7.2', 1],
    ['PCI_P2PDMA', '6.12.117', 1],
    ['PCI_P2PDMA', '6.18', 0],
    ['COHERENT', '6.0', 1],
    ['COHERENT', '6.1', 0],
    ['PRIVATE', '6.12.117', 0],
    ['PRIVATE', '5.14', 1],
  ])('leaves an idle %s page of %s at count %d', (type, version, count) => {
    const config = { DEVICE_PRIVATE: 'y' };
    expect(map(version, { type, ops: OPS, owner: 'driver' }, config).idle).toBe(count);
  });

  it('counts a reference a page, but none for idle PRIVATE and COHERENT from 6.1 on', () => {
    const asked = { type: 'COHERENT', ops: OPS, owner: 'gpu' };
    expect(map('6.0', asked).ref).toBe(32769);
    expect(map('6.1', asked).ref).toBe(1);
    expect(map('6.1', { type: 'GENERIC' }).ref).toBe(32769);
  });

  it('has no ZONE_DEVICE to map into where the kernel has none', () => {
    const { refused } = map('6.12.117', { type: 'GENERIC' }, { ZONE_DEVICE: 'n' });
    expect(refused).toBe('ENXIO !CONFIG_ZONE_DEVICE');
  });

  it('wants at least one range, and no folio above the largest', () => {
    const bench = smallMachine('7.2.13');
    const call = (more: object): string => {
      const made = bench.call(memremap_pages, { type: 'GENERIC', ranges: RANGE, nid: 0, ...more });
      return failed(made) ? made.check : '';
    };
    expect(call({ ranges: [] })).toBe('!nr_range');
    expect(call({ vmemmap_shift: 19 })).toBe('pgmap->vmemmap_shift > MAX_FOLIO_ORDER');
  });
});
