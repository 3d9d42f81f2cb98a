import { describe, expect, it } from 'vitest';
import { zone_device_page_init } from '../../../src/main/engine/kernel/page/device-page.ts';
import { get_page, put_page } from '../../../src/main/engine/kernel/page/page-ref.ts';
import {
  devm_memremap_pages,
  devm_memunmap_pages,
  memremap_pages,
  type MappedPages,
} from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { memunmap_pages } from '../../../src/main/engine/kernel/memremap/memunmap.ts';
import { get_dev_pagemap } from '../../../src/main/engine/kernel/pgmap/pgmap-array.ts';
import {
  percpu_ref_exit,
  percpu_ref_init,
  percpu_ref_kill,
  wait_for_completion,
} from '../../../src/main/engine/kernel/pgmap/pgmap-ref.ts';
import { Deadlock } from '../../../src/main/engine/core/world/deadlock.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import { failed, type KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import {
  bootedByHand,
  brought,
  range,
  smallFacts,
  smallMachine,
  type Bench,
} from './small-machine.ts';

const BASE = 0x200000000n;
const PFN = 0x200000;
const MiB = 1048576n;
const EARLY = { ZONE_DMA: 'n', ZONE_DEVICE: 'y' };

function mapped(bench: Bench, more: object = {}): MappedPages {
  const { facts } = bench;
  const type = facts.era.get('memory_device_types').includes('FS_DAX') ? 'FS_DAX' : 'HOST';
  const ops = facts.era.get('fsdax_free_op_required') ? ['page_free'] : [];
  const request = { type, ranges: [range(BASE, 128n * MiB)], nid: 0, ...brought(bench, ops) };
  const made = bench.call(devm_memremap_pages, { ...request, ...more });
  if (failed(made)) throw new Error(`${made.errno} ${made.check}`);
  return made;
}

const steps = ({ log }: Bench) =>
  Array.from({ length: log.length }, (_, at) => log.step(at + 1).fn);

/** Two tasks on one machine: what the administrator's unbinding does to a page an app holds. */
class Race {
  readonly world = new World();
  readonly driver: Driver;
  readonly results: unknown[] = [];

  constructor(version: string) {
    const facts = smallFacts(version, { DEVICE_PRIVATE: 'y' });
    bootedByHand(this.world, facts);
    const silent = { step: () => undefined, returned: () => undefined };
    this.driver = new Driver(silent, { facts, world: this.world });
  }

  run<P, R>(actor: string, fn: KernelFunction<P, R>, params: P): boolean {
    this.driver.add({
      actor,
      fn: fn as never,
      params,
      done: (result) => this.results.push(result),
    });
    return !(this.driver.runToEnd() instanceof Deadlock);
  }
}

describe('the function a driver calls, by era', () => {
  it('devm_memunmap_pages: is devm_memremap_pages alone before 5.4, and has pagemap_range from 5.10 on', () => {
    const called = (version: string) => {
      const bench = smallMachine(version);
      const { pgmap } = mapped(bench);
      bench.call(devm_memunmap_pages, { pgmap });
      const names = ['devm_memremap_pages', 'memremap_pages', 'pagemap_range', 'memunmap_pages'];
      return names.filter((name) => steps(bench).includes(name));
    };
    expect(called('5.3')).toEqual(['devm_memremap_pages']);
    expect(called('5.4')).toEqual(['devm_memremap_pages', 'memremap_pages', 'memunmap_pages']);
    expect(called('5.14')).toHaveLength(4);
    expect(called('7.2')).toHaveLength(4);
  });

  it('is hmm_devmem_pages_create for private memory in 4.14, with a tree of its own', () => {
    const bench = smallMachine('4.14', { DEVICE_PRIVATE: 'y' });
    const ops = ['page_free', 'migrate_to_ram'];
    const { pgmap } = mapped(bench, { type: 'PRIVATE', ops, ref: undefined });
    expect(steps(bench)).toContain('hmm_devmem_pages_create');
    expect(steps(bench)).not.toContain('devm_memremap_pages');
    expect(steps(bench)).toContain('add_pages');
    expect(bench.world.at('pages', PFN)).toMatchObject({ refcount: 1, pgmap });
    expect(bench.world.get('pgmaps', pgmap)?.ref).toBe(1);
    expect(bench.call(get_dev_pagemap, { pfn: PFN })).toBeNull();
    bench.call(devm_memunmap_pages, { pgmap });
    expect(steps(bench)).toContain('hmm_devmem_release');
    expect(bench.world.count('pgmaps')).toBe(0);
  });
});

describe('the reference of a pagemap', () => {
  it('is absent in 4.3 and 4.4, where the lru words hold no pagemap either', () => {
    for (const version of ['4.3', '4.4']) {
      const bench = smallMachine(version, EARLY);
      const { pgmap } = mapped(bench);
      expect(bench.world.at('pages', PFN)).toMatchObject({ refcount: 1, pgmap: null });
      expect(bench.world.get('pgmaps', pgmap)?.ref).toBe(0);
      expect(bench.world.count('pgmap_array')).toBe(0);
      expect(bench.call(memunmap_pages, { pgmap })).toBeUndefined();
      expect(bench.world.at('pages', PFN)).toBeUndefined();
    }
  });

  it('must come from the driver between 4.5 and 5.2, with kill from 5.0, cleanup from 5.2', () => {
    const check = (version: string, ops: string[], ref = 'r') => {
      const bench = smallMachine(version);
      bench.call(percpu_ref_init, { ref: 'r', device: '' });
      const type = version === '4.14' ? 'HOST' : 'FS_DAX';
      const ranges = [range(BASE, 128n * MiB)];
      const request = { type, ranges, nid: 0, ops: ['page_free', ...ops], ...(ref ? { ref } : {}) };
      const made = bench.call(memremap_pages, request);
      return failed(made) ? `${made.errno} ${made.check}` : 'mapped';
    };
    expect(check('4.14', [], '')).toBe('EINVAL !pgmap->ref');
    expect(check('4.14', [])).toBe('mapped');
    expect(check('4.20', [])).toBe('mapped');
    expect(check('5.1', [])).toBe('EINVAL !pgmap->kill');
    expect(check('5.1', ['kill'])).toBe('mapped');
    expect(check('5.2', ['kill'])).toBe('EINVAL !pgmap->cleanup');
    expect(check('5.3', ['kill'])).toBe('EINVAL !pgmap->ops->kill || !pgmap->ops->cleanup');
    expect(check('5.14', ['kill', 'cleanup'])).toBe('mapped');
    expect(check('5.14', ['kill'], '')).toBe('EINVAL pgmap->ops->kill || pgmap->ops->cleanup');
    expect(check('5.14', [], '')).toBe('mapped');
    expect(check('5.17', [])).toContain('EINVAL struct dev_pagemap has no ref');
  });

  it('of the driver counts its own first reference and one a page in 4.14', () => {
    const bench = smallMachine('4.14');
    const { pgmap } = mapped(bench);
    const [ref] = [...bench.world.rows('percpu_refs')];
    expect(bench.world.get('pgmaps', pgmap)?.ref).toBe(32768);
    expect(ref).toMatchObject({ count: 32769, dead: false });
  });

  it('is given up after the ranges from 6.0 on, before them until then', () => {
    const order = (version: string) => {
      const bench = smallMachine(version);
      bench.call(memunmap_pages, { pgmap: mapped(bench).pgmap });
      const names = steps(bench);
      return names.indexOf('percpu_ref_exit') > names.indexOf('arch_remove_memory');
    };
    expect(['5.14', '5.19', '6.0', '6.12', '7.2'].map(order)).toEqual([
      ...[false, false],
      ...[true, true, true],
    ]);
  });

  it('is not taken again for a cached pagemap that has the page, until 6.17', () => {
    const two = { ranges: [range(BASE, 64n * MiB), range(BASE + 128n * MiB, 64n * MiB)] };
    const bench = smallMachine('6.12');
    const { pgmap } = mapped(bench, two);
    const ref = () => bench.world.get('pgmaps', pgmap)?.ref;
    const cached = bench.call(get_dev_pagemap, { pfn: PFN });
    const before = ref() ?? 0;
    expect(bench.call(get_dev_pagemap, { pfn: PFN + 1, cached })).toBe(pgmap);
    expect(ref()).toBe(before);
    // Only the first range is a hit: for the second the cached one is put and looked up again.
    expect(bench.call(get_dev_pagemap, { pfn: PFN + 32768, cached })).toBe(pgmap);
    expect(ref()).toBe(before);
    expect(bench.call(get_dev_pagemap, { pfn: 1, cached })).toBeNull();
    expect(ref()).toBe(before - 1);
  });
});

describe('unbinding while an application holds a page', () => {
  const bind = (race: Race, version: string, type: string) => {
    const ops = ['page_free', 'folio_free', 'migrate_to_ram'];
    const ranges = [range(BASE, 128n * MiB)];
    const request = { type, ranges, nid: 0, ops, owner: 'test' };
    if (version < '5') race.run('admin', percpu_ref_init, { ref: 'q', device: '' });
    const ref = version < '5' ? { ref: 'q' } : {};
    race.run('admin', memremap_pages, { ...request, ...ref });
    const made = race.results.at(-1) as MappedPages;
    expect(race.world.get('pgmaps', made.pgmap)).toBeDefined();
    return made.pgmap;
  };
  const hold = { pfn: PFN, end: PFN + 1 };

  it('waits for nothing in 4.14: the memmap goes, and putting the page is an oops', () => {
    const race = new Race('4.14');
    const pgmap = bind(race, '4.14', 'HOST');
    race.run('app', get_page, hold);
    race.run('admin', percpu_ref_kill, { ref: 'q' });
    expect(race.run('admin', memunmap_pages, { pgmap })).toBe(true);
    expect(race.world.at('pages', PFN)).toBeUndefined();
    expect(race.world.get('percpu_refs', 'q')).toMatchObject({ count: 1, dead: true });
    expect(race.run('admin', wait_for_completion, { ref: 'q' })).toBe(false);
    race.run('app', put_page, hold);
    expect(race.results.at(-1)).toMatchObject({ errno: 'EFAULT' });
  });

  it('warns in 4.14 of a reference the driver did not kill', () => {
    const race = new Race('4.14');
    const pgmap = bind(race, '4.14', 'HOST');
    race.run('admin', memunmap_pages, { pgmap });
    const log = [...race.world.rows('kernel_log')].map(({ text }) => text);
    expect(log).toContain('devm_memremap_pages_release: page mapping is still live!');
    race.run('admin', percpu_ref_kill, { ref: 'q' });
    expect(race.run('admin', wait_for_completion, { ref: 'q' })).toBe(true);
    race.run('admin', percpu_ref_exit, { ref: 'q' });
    expect(race.world.count('percpu_refs')).toBe(0);
  });

  it('waits until the page is put from 5.3 to 5.17', () => {
    for (const version of ['5.3', '5.14', '5.17']) {
      const race = new Race(version);
      const pgmap = bind(race, version, 'FS_DAX');
      race.run('app', get_page, hold);
      expect(race.run('admin', memunmap_pages, { pgmap })).toBe(false);
      expect(race.world.get('pgmaps', pgmap)).toMatchObject({ ref: 1, ref_dead: true });
      expect(race.world.at('pages', PFN)).toMatchObject({ refcount: 1 });
      expect(race.run('app', put_page, hold)).toBe(true);
      expect(race.world.count('pgmaps')).toBe(0);
    }
  });

  it('does not wait for fsdax and generic pages from 5.19 on', () => {
    for (const version of ['5.19', '6.0', '6.1', '6.12']) {
      const race = new Race(version);
      const pgmap = bind(race, version, 'GENERIC');
      race.run('app', get_page, hold);
      expect(race.run('admin', memunmap_pages, { pgmap })).toBe(true);
      expect(race.world.at('pages', PFN)).toBeUndefined();
    }
  });
});

describe('unbinding while private memory is in use', () => {
  it('waits from 6.1 on until every page that was handed out is free again', () => {
    for (const version of ['6.1', '6.12', '6.18', '7.2']) {
      const race = new Race(version);
      const ops = ['page_free', 'folio_free', 'migrate_to_ram'];
      const request = { type: 'PRIVATE', ranges: [range(BASE, 128n * MiB)], nid: 0, ops };
      race.run('admin', memremap_pages, { ...request, owner: 'gpu' });
      const { pgmap } = race.results.at(-1) as MappedPages;
      const used = { pfn: PFN, end: PFN + 2 };
      race.run('gpu', zone_device_page_init, used);
      expect(race.run('admin', memunmap_pages, { pgmap })).toBe(false);
      expect(race.world.get('pgmaps', pgmap)).toMatchObject({ ref: 2, ref_dead: true });
      race.run('gpu', put_page, { pfn: PFN, end: PFN + 1 });
      expect(race.world.get('pgmaps', pgmap)?.ref).toBe(1);
      expect(race.run('gpu', put_page, { pfn: PFN + 1, end: PFN + 2 })).toBe(true);
      expect(race.world.count('pgmaps')).toBe(0);
    }
  });
});

describe('two devices in one section', () => {
  const half = 64n * MiB;
  const both = (version: string) => {
    const bench = smallMachine(version);
    const first = mapped(bench, { ranges: [range(BASE, half)] });
    const ops = brought(bench, ['page_free']);
    const type = version === '4.14' ? 'HOST' : 'FS_DAX';
    const ranges = [range(BASE + half, half)];
    const second = bench.call(memremap_pages, { type, ranges, nid: 0, ...ops });
    return { bench, first, second };
  };

  it('is one whole section for both in 4.14: the second makes the pages of the first anew', () => {
    const { bench, first, second } = both('4.14');
    expect(failed(second)).toBe(false);
    expect(bench.world.at('pages', PFN)?.pgmap).toBeNull();
    expect(bench.world.at('pages', PFN + 16384)?.pgmap).toBe((second as MappedPages).pgmap);
    expect(bench.world.get('pgmaps', first.pgmap)?.ref).toBe(16384);
  });

  it('is a conflict in 4.20: the section begins with a page of the first', () => {
    expect(both('4.20').second).toMatchObject({ errno: 'ENOMEM' });
  });

  it('has a sub-section map from 5.3 on, and each goes on its own', () => {
    for (const version of ['5.3', '5.14', '6.12', '7.2']) {
      const { bench, first, second } = both(version);
      const { pgmap } = second as MappedPages;
      expect(bench.world.at('sections', 64)?.subsection_map).toBe((1n << 64n) - 1n);
      bench.call(memunmap_pages, { pgmap: first.pgmap });
      expect(bench.world.at('sections', 64)?.subsection_map).toBe(((1n << 32n) - 1n) << 32n);
      expect(bench.world.at('pages', PFN)).toBeUndefined();
      expect(bench.world.at('pages', PFN + 16384)?.pgmap).toBe(pgmap);
    }
  });
});

describe('a device page', () => {
  it('is never online and on no free list, in any era', () => {
    for (const version of ['4.14', '4.20', '5.3', '5.14', '5.19', '6.0', '6.1', '6.12', '6.18']) {
      const bench = smallMachine(version);
      mapped(bench);
      expect(bench.world.at('pages', PFN)).toMatchObject({ buddy: false, flags: 'reserved' });
      // SECTION_IS_ONLINE is bit 2 of section_mem_map.
      expect((bench.world.at('sections', 64)?.flags ?? 0) & 4).toBe(0);
      const zone = bench.world.get('zones', bench.facts.arch.zones.indexOf('Device'));
      expect(zone).toMatchObject({ spanned_pages: 32768, present_pages: 0, managed_pages: 0 });
    }
  });

  it('leaves zone Device as wide as it was from 5.4 on, and empty before', () => {
    const left = (version: string) => {
      const bench = smallMachine(version);
      bench.call(memunmap_pages, { pgmap: mapped(bench).pgmap });
      return bench.world.get('zones', bench.facts.arch.zones.indexOf('Device'))?.spanned_pages;
    };
    expect(['4.14', '4.20', '5.3'].map(left)).toEqual([0, 0, 0]);
    expect(['5.14', '6.12', '7.2'].map(left)).toEqual([32768, 32768, 32768]);
  });
});

describe('peer memory, whose reference pci/p2pdma brings', () => {
  it('is waited for after it is gone until 5.1, before from 5.2 on', () => {
    const order = (version: string) => {
      const bench = smallMachine(version);
      const { pgmap } = mapped(bench, { type: 'PCI_P2PDMA', ref: undefined, ops: [] });
      const from = bench.log.length;
      expect(bench.call(memunmap_pages, { pgmap })).toBeUndefined();
      expect(bench.world.get('completions', `${pgmap}.done`)).toBeUndefined();
      const names = steps(bench).slice(from);
      return names.indexOf('wait_for_completion') > names.indexOf('arch_remove_memory');
    };
    expect(['4.20', '5.1', '5.2', '5.3', '6.12'].map(order)).toEqual([
      ...[true, true],
      ...[false, false, false],
    ]);
  });
});
