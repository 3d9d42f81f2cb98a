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
import { Deadlock } from '../../../src/main/engine/core/world/deadlock.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import { bootedByHand, range, smallFacts, smallMachine } from './small-machine.ts';

const REQUEST = { type: 'FS_DAX', ranges: [range(0x200000000n, 0x8000000n)], nid: 0 };
const PFN = 0x200000;

describe('memunmap_pages', () => {
  it('waits until the last reference that somebody else took is given back', () => {
    const world = new World();
    const facts = smallFacts('6.18');
    bootedByHand(world, facts);
    const silent = { step: () => undefined, returned: () => undefined };
    const driver = new Driver(silent, { facts, world });
    const add = (actor: string, fn: unknown, params: unknown): void => {
      driver.add({ actor, fn: fn as never, params });
    };
    add('driver', memremap_pages, REQUEST);
    driver.runToEnd();
    add('gup', get_dev_pagemap, { pfn: PFN });
    driver.runToEnd();
    const pgmap = 'pgmap@0x200000000';
    expect(world.get('pgmaps', pgmap)?.ref).toBe(32770);
    add('driver', memunmap_pages, { pgmap });
    expect(driver.runToEnd()).toBeInstanceOf(Deadlock);
    expect(world.get('pgmaps', pgmap)).toMatchObject({ ref: 1, ref_dead: true });
    expect(world.at('pages', PFN)?.pgmap).toBe(pgmap);
    add('gup', put_dev_pagemap, { pgmap });
    expect(driver.runToEnd()).toBe(false);
    expect(world.count('pgmaps')).toBe(0);
    expect(world.at('pages', PFN)).toBeUndefined();
  });

  it('makes get_dev_pagemap fail from the moment the reference is killed', () => {
    const { call, world } = smallMachine();
    const { pgmap } = call(memremap_pages, REQUEST) as MappedPages;
    world.patch('pgmaps', pgmap, { ref_dead: true });
    expect(call(get_dev_pagemap, { pfn: PFN })).toBeNull();
    expect(call(memunmap_pages, { pgmap })).toMatchObject({ errno: 'EINVAL' });
  });

  it('refuses a pagemap that is not there', () => {
    const { call } = smallMachine();
    expect(call(memunmap_pages, { pgmap: 'x' })).toMatchObject({ errno: 'EINVAL' });
  });

  it('puts every page one by one before 5.19, where pages hold the references', () => {
    const { call, log } = smallMachine('5.14');
    const { pgmap } = call(memremap_pages, REQUEST) as MappedPages;
    call(memunmap_pages, { pgmap });
    const steps = Array.from({ length: log.length }, (_, at) => log.step(at + 1));
    expect(steps.find(({ fn }) => fn === 'put_page')).toMatchObject({ count: 32768 });
    expect(steps.some(({ fn }) => fn === 'percpu_ref_put_many')).toBe(false);
  });

  it('poisons struct pages only in kernels built with DEBUG_VM', () => {
    const { call, log } = smallMachine('6.12.117', { DEBUG_VM: 'y' });
    const { pgmap } = call(memremap_pages, REQUEST) as MappedPages;
    call(memunmap_pages, { pgmap });
    const steps = Array.from({ length: log.length }, (_, at) => log.step(at + 1));
    const poisoned = steps.find(({ fn }) => fn === 'remove_pfn_range_from_zone');
    expect(poisoned?.diff[0]?.to).toMatchObject({ state: 'poison' });
  });

  it('shrinks zone Device from the end that went before 5.4, and never since', () => {
    const after = (version: string): unknown => {
      const { call, world } = smallMachine(version);
      const request = (start: bigint) => ({
        type: 'GENERIC',
        ranges: [range(start, 0x8000000n)],
        nid: 0,
      });
      call(memremap_pages, request(0x200000000n));
      const { pgmap } = call(memremap_pages, request(0x220000000n)) as MappedPages;
      call(memunmap_pages, { pgmap });
      const { zone_start_pfn, spanned_pages } = world.need('zones', 4);
      return [zone_start_pfn, spanned_pages];
    };
    expect(after('5.3')).toEqual([0x200000, 0x8000]);
    expect(after('6.12.117')).toEqual([0x200000, 0x28000]);
  });
});
