import { describe, expect, it } from 'vitest';
import { zone_device_page_init } from '../../../src/main/engine/kernel/page/device-page.ts';
import type { Bench } from '../pgmap/small-machine.ts';
import {
  AT,
  byHand,
  came,
  count,
  DEVICE_PFN,
  mapDevice,
  mapPages,
  pin,
  steps,
  withProcess,
} from './address-space.ts';

const PRIVATE_VMA = ['read', 'write', 'mayread', 'maywrite', 'mayexec'] as const;

/** 16 pages of coherent device memory that a process has as anonymous memory. */
function coherent(version: string, config: Record<string, string> = {}): Bench {
  const bench = withProcess(version, { DEVICE_PRIVATE: 'y', ...config });
  mapDevice(bench, 'COHERENT');
  const run = { pfn: DEVICE_PFN, end: DEVICE_PFN + 16 };
  if (bench.facts.era.get('zone_device_page_init') !== 'none') {
    bench.call(zone_device_page_init, run);
  }
  byHand(bench, () => {
    const { world } = bench;
    world.update('pages', run.pfn, run.end, {
      mapcount: 0,
      flags: 'reserved|swapbacked|uptodate',
    });
    world.set('page_mappings', run.pfn, run.end, { mapping: 'anon:driver/0', index: 0 });
    world.patch('mms', 'driver', { anonpages: 16 });
  });
  const entry = 'write|dirty|anon_exclusive';
  mapPages(bench, { pages: 16, pfn: DEVICE_PFN, vm: PRIVATE_VMA, entry });
  return bench;
}

const inRam = ({ world }: Bench) =>
  world.overlapping('ptes', AT, AT + 16).every(({ pfn }) => pfn < DEVICE_PFN);

describe('coherent device memory', () => {
  it('stays where it is for a short pin', () => {
    for (const version of ['6.1', '6.12', '7.2']) {
      const bench = coherent(version);
      expect(came(pin(bench, 16))).toBe(16);
      expect([version, count(bench)]).toEqual([version, 1025]);
      expect(inRam(bench)).toBe(false);
    }
  });

  it('moves to system memory before a long pin, and the pin is on the new pages', () => {
    for (const [version, fn] of [
      ['6.1', 'migrate_device_coherent_page'],
      ['6.12', 'migrate_device_coherent_folio'],
      ['7.2', 'migrate_device_coherent_folio'],
    ] as const) {
      const bench = coherent(version);
      const from = bench.log.length;
      expect(came(pin(bench, 16, { longterm: true }))).toBe(16);
      expect([version, inRam(bench)]).toEqual([version, true]);
      expect(steps(bench, from)).toContain(fn);
      const pfn = bench.world.at('ptes', AT)?.pfn ?? 0;
      expect(count(bench, pfn)).toBe(1025);
      // Idle again, and the driver's.
      expect(count(bench)).toBe(0);
    }
  });

  it('stays pinned in the device in the two releases that looked at the isolated list only', () => {
    const bench = coherent('6.14');
    expect(came(pin(bench, 16, { longterm: true }))).toBe(16);
    expect(inRam(bench)).toBe(false);
  });

  it('cannot move, and is not pinned, while somebody else has a page', () => {
    const bench = coherent('6.12');
    expect(came(pin(bench, 1, { pin: 'short' }))).toBe(1);
    expect(came(pin(bench, 16, { longterm: true, pin: 'long' }))).toBe('EBUSY');
    expect(bench.world.get('gup_pins', 'long')).toBeUndefined();
    expect(count(bench)).toBe(1025);
  });
});

/** A page of a BAR that a process has mapped through p2pmem/allocate. */
function peer(version: string): Bench {
  const bench = withProcess(version);
  mapDevice(bench, 'PCI_P2PDMA');
  byHand(bench, () => {
    bench.world.update('pages', DEVICE_PFN, DEVICE_PFN + 1, { refcount: 1 });
  });
  mapPages(bench, { pages: 1, pfn: DEVICE_PFN, vm_ops: 'kernfs', entry: 'write|dirty' });
  return bench;
}

describe('peer memory', () => {
  it('is only for who says that peer memory will do', () => {
    for (const version of ['6.2', '6.12', '7.2']) {
      for (const fast of [false, true]) {
        expect(came(pin(peer(version), 1, { fast }))).toBe('EREMOTEIO');
        expect(came(pin(peer(version), 1, { fast, pci_p2pdma: true }))).toBe(1);
      }
    }
  });

  it('is never pinned for long: the device must be able to go at any time', () => {
    const both = { longterm: true, pci_p2pdma: true };
    expect(came(pin(peer('6.2'), 1, both))).toBe('EOPNOTSUPP');
    expect(came(pin(peer('6.12'), 1, { ...both, fast: true }))).toBe('EINVAL');
    // pin_user_pages() answers bad arguments with no pages and no errno.
    expect(came(pin(peer('6.12'), 1, both))).toBe(0);
  });
});

describe('public device memory in 4.14', () => {
  it('is looked for in a tree of pagemaps that does not know it, again and again', () => {
    const bench = withProcess('4.14', { DEVICE_PUBLIC: 'y', DEVICE_PRIVATE: 'y' });
    mapDevice(bench, 'PUBLIC', { ref: undefined });
    mapPages(bench, {
      pages: 1,
      pfn: DEVICE_PFN,
      vm: PRIVATE_VMA,
      entry: 'write|dirty|devmap',
    });
    const from = bench.log.length;
    expect(came(pin(bench, 1))).toBe('EFAULT');
    expect(steps(bench, from).filter((name) => name === 'faultin_page').length).toBeGreaterThan(1);
  });
});
