import { describe, expect, it } from 'vitest';
import {
  memremap_pages,
  type MappedPages,
} from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { memunmap_pages } from '../../../src/main/engine/kernel/memremap/memunmap.ts';
import {
  get_dev_pagemap,
  put_dev_pagemap,
} from '../../../src/main/engine/kernel/pgmap/pgmap-array.ts';
import {
  failed,
  type Failure,
  type Outcome,
} from '../../../src/main/engine/core/world/operation.ts';
import { brought, range, smallMachine } from './small-machine.ts';

const MiB = 0x100000n;
const BASE = 0x200000000n;

function ok(made: Outcome<MappedPages>): MappedPages {
  if (failed(made)) throw new Error(`${made.errno} ${made.check}`);
  return made;
}

function no(made: Outcome<MappedPages>): Failure {
  if (!failed(made)) throw new Error('mapped');
  return made;
}

describe('pagemap_range', () => {
  it('looks at the first and the last page for another pagemap, with -ENOMEM', () => {
    const { call } = smallMachine();
    ok(call(memremap_pages, { type: 'GENERIC', ranges: [range(BASE, 4n * MiB)], nid: 0 }));
    for (const [start, size] of [
      [BASE, 8n],
      [BASE - 4n * MiB, 8n],
      [BASE + 2n * MiB, 2n],
    ] as const) {
      const made = call(memremap_pages, {
        type: 'GENERIC',
        ranges: [range(start, size * MiB)],
        nid: 0,
      });
      expect(no(made)).toMatchObject({ errno: 'ENOMEM' });
    }
  });

  it('finds an overlap in the middle only at the sub-sections, and forgets the pagemap there', () => {
    const { call, world } = smallMachine();
    const inner = ok(
      call(memremap_pages, { type: 'GENERIC', ranges: [range(BASE + 4n * MiB, 2n * MiB)], nid: 0 }),
    );
    const pfn = Number((BASE + 4n * MiB) >> 12n);
    expect(call(get_dev_pagemap, { pfn })).toBe(inner.pgmap);
    call(put_dev_pagemap, { pgmap: inner.pgmap });
    const outer = no(
      call(memremap_pages, { type: 'GENERIC', ranges: [range(BASE, 16n * MiB)], nid: 0 }),
    );
    expect(outer.errno).toBe('EEXIST');
    expect(world.get('pgmaps', inner.pgmap)?.ref).toBe(513);
    // pgmap_array_delete() stored NULL over the whole range, the inner pagemap's entries too.
    expect(call(get_dev_pagemap, { pfn })).toBeNull();
  });

  it('takes the ranges before a failing one down, and leaves the spans they widened', () => {
    const { call, world } = smallMachine();
    const made = call(memremap_pages, {
      type: 'GENERIC',
      ranges: [range(BASE, 128n * MiB), range(BASE + 256n * MiB, 1n * MiB)],
      nid: 0,
    });
    expect(no(made)).toMatchObject({ errno: 'EINVAL' });
    expect(world.count('pgmaps')).toBe(0);
    expect(world.at('sections', 64)).toBeUndefined();
    expect(world.get('zones', 4)).toMatchObject({
      zone_start_pfn: Number(BASE >> 12n),
      spanned_pages: 32768,
    });
  });

  it('refuses an altmap with several ranges, after the first', () => {
    const { call, world } = smallMachine();
    const made = call(memremap_pages, {
      type: 'GENERIC',
      ranges: [range(BASE, 128n * MiB), range(BASE + 256n * MiB, 128n * MiB)],
      altmap: { base_pfn: Number(BASE >> 12n), reserve: 0, free: 512 },
      nid: 0,
    });
    expect(no(made).errno).toBe('EINVAL');
    expect([...world.rows('kernel_log')].map(({ text }) => text)).toEqual([
      'altmap not supported for multiple ranges',
    ]);
  });

  it('has one range in kernels before 5.10', () => {
    const { call } = smallMachine('5.3');
    const made = call(memremap_pages, {
      type: 'GENERIC',
      ranges: [range(BASE, 128n * MiB), range(BASE + 256n * MiB, 128n * MiB)],
      nid: 0,
    });
    expect(no(made).errno).toBe('EINVAL');
  });

  it('stops at a node there is none of, where the kernel would oops', () => {
    const { call, world } = smallMachine();
    const made = call(memremap_pages, { type: 'GENERIC', ranges: [range(BASE, 2n * MiB)], nid: 3 });
    expect(no(made).check).toContain('NODE_DATA(3) is NULL');
    expect(world.count('locks')).toBe(0);
  });

  it('warns of RAM once a boot, and refuses it each time', () => {
    const { call, world } = smallMachine();
    for (let n = 0; n < 2; n += 1) {
      const made = call(memremap_pages, {
        type: 'GENERIC',
        ranges: [range(0x10000000n, 2n * MiB)],
        nid: 0,
      });
      expect(no(made).errno).toBe('ENXIO');
    }
    expect([...world.rows('kernel_log')].map(({ text }) => text)).toEqual([
      'attempted on ram region 0x10000000-0x101fffff',
    ]);
  });

  it('hands out the direct mapping of RAM before 5.1, without any struct page', () => {
    for (const version of ['4.3', '4.4', '4.14', '4.20']) {
      const type = version === '4.20' ? 'FS_DAX' : 'HOST';
      const { call, world } = smallMachine(version, { ZONE_DMA: 'n', ZONE_DEVICE: 'y' });
      const made = ok(
        call(memremap_pages, { type, ranges: [range(0x10000000n, 2n * MiB)], nid: 0 }),
      );
      expect(made.pgmap).toBe('');
      expect(made.address & 0xffffffffn).toBe(0x10000000n);
      expect(world.count('pgmaps')).toBe(0);
    }
  });

  it('rounds outwards to whole sections before sub-section hotplug', () => {
    const bench = smallMachine('4.14');
    const { call, world } = bench;
    const start = BASE + 2n * MiB;
    const { pgmap } = ok(
      call(memremap_pages, {
        ...brought(bench),
        type: 'HOST',
        ranges: [range(start, 2n * MiB)],
        nid: 0,
      }),
    );
    expect(world.at('sections', 64)).toMatchObject({ flags: 3, subsection_map: (1n << 64n) - 1n });
    expect(world.get('zones', 4)).toMatchObject({ spanned_pages: 32768 });
    call(memunmap_pages, { pgmap });
    expect(world.at('sections', 64)).toBeUndefined();
    expect(world.get('zones', 4)).toMatchObject({ zone_start_pfn: 0, spanned_pages: 0 });
  });

  it('answers a conflict with -EBUSY before 4.20, in the middle of the range too', () => {
    const bench = smallMachine('4.14');
    const { call } = bench;
    const map = (start: bigint, size: bigint) =>
      call(memremap_pages, {
        ...brought(bench),
        type: 'HOST',
        ranges: [range(start, size)],
        nid: 0,
      });
    ok(map(BASE + 128n * MiB, 128n * MiB));
    expect(no(map(BASE, 384n * MiB)).errno).toBe('EBUSY');
  });

  it('finds memory beyond MAX_PHYSMEM_BITS late in kernels before 5.12', () => {
    const refused = (version: string): string => {
      const { call } = smallMachine(version);
      const ranges = [range(1n << 46n, 128n * MiB)];
      return no(call(memremap_pages, { type: 'GENERIC', ranges, nid: 0 })).errno;
    };
    expect([refused('5.3'), refused('5.14'), refused('6.12.117')]).toEqual([
      'E2BIG',
      'EINVAL',
      'EINVAL',
    ]);
  });

  it('moves max_pfn where add_pages does not look at the pagemap', () => {
    const maxPfn = (version: string): unknown => {
      const { call, world } = smallMachine(version);
      ok(call(memremap_pages, { type: 'GENERIC', ranges: [range(BASE, 2n * MiB)], nid: 0 }));
      return world.get('vars', 'max_pfn')?.value;
    };
    expect([maxPfn('6.12'), maxPfn('6.12.117'), maxPfn('6.1'), maxPfn('6.18')]).toEqual([
      2097664, 131040, 2097664, 131040,
    ]);
  });
});
