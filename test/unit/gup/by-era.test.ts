import { describe, expect, it } from 'vitest';
import {
  came,
  count,
  daxEntry,
  DEVICE_PFN,
  mapDevice,
  mapPages,
  pin,
  steps,
  unpin,
  withProcess,
} from './address-space.ts';
import type { Bench } from '../pgmap/small-machine.ts';

const VERSIONS = [
  '4.3',
  '4.14',
  '4.14.72',
  '4.20',
  '5.3',
  '5.14',
  '5.19',
  '6.1',
  '6.12',
  '6.18',
  '7.2',
] as const;
type Version = (typeof VERSIONS)[number];
type Table = Readonly<Record<Version, string | number>>;

function table(row: (version: Version) => string | number): Table {
  return Object.fromEntries(VERSIONS.map((version) => [version, row(version)])) as Table;
}

/** pmem whose first 512 pages a process has mapped; a mapping counts from 6.15 on. */
function dax(version: Version, kind: 'ext4_dax' | 'dev_dax'): Bench {
  const bench = withProcess(version, version === '4.3' ? { ZONE_DMA: 'n', ZONE_DEVICE: 'y' } : {});

  // Device-dax had no type of its own from 4.18 to 5.2: it left the field at 0.
  const devdax = version === '4.20' ? 0 : 'GENERIC';
  const named = kind === 'ext4_dax' ? 'FS_DAX' : devdax;
  mapDevice(bench, named);
  const counted = kind === 'ext4_dax' && (version === '6.18' || version === '7.2');
  if (counted) bench.world.update('pages', DEVICE_PFN, DEVICE_PFN + 512, { refcount: 1 });
  mapPages(bench, { pages: 512, pfn: DEVICE_PFN, vm_ops: kind, entry: daxEntry(version) });
  return bench;
}

/** Refused by the special entry in 4.3, allowed by those that know nothing of long references. */
const FSDAX_LONGTERM: Table = {
  '4.3': 'EFAULT',
  '4.14': 512,
  '4.14.72': 'EOPNOTSUPP',
  '4.20': 'EOPNOTSUPP',
  '5.3': 'EOPNOTSUPP',
  '5.14': 'EOPNOTSUPP',
  '5.19': 'EOPNOTSUPP',
  '6.1': 'EOPNOTSUPP',
  '6.12': 'EOPNOTSUPP',
  '6.18': 'EOPNOTSUPP',
  '7.2': 'EOPNOTSUPP',
};

/** Count of an idle mapped page at 1, plus 1 for FOLL_GET or 1024 for FOLL_PIN. */
const FSDAX_COUNT: Table = {
  '4.3': 1,
  '4.14': 2,
  '4.14.72': 2,
  '4.20': 2,
  '5.3': 2,
  '5.14': 1025,
  '5.19': 1025,
  '6.1': 1025,
  '6.12': 1025,
  '6.18': 1025,
  '7.2': 1025,
};

const PAGELESS: Table = {
  '4.3': 'EFAULT',
  '4.14': 'EFAULT',
  '4.14.72': 'EFAULT',
  '4.20': 'EFAULT',
  '5.3': 'EFAULT',
  '5.14': 'EFAULT',
  '5.19': 'EEXIST',
  '6.1': 'EEXIST',
  '6.12': 'EEXIST',
  '6.18': 'EEXIST',
  '7.2': 'EEXIST',
};

describe.each([false, true])('pages of device memory by kernel, fast: %s', (fast) => {
  it('pins a file of a DAX filesystem for a short time, except where PTEs have no devmap bit', () => {
    const pins = (version: Version) => came(pin(dax(version, 'ext4_dax'), 512, { fast }));
    expect(table(pins)).toEqual(table((version) => (version === '4.3' ? 'EFAULT' : 512)));
    const counts = (version: Version) => {
      const bench = dax(version, 'ext4_dax');
      pin(bench, 512, { fast });
      return count(bench, DEVICE_PFN + 511) ?? 'no page';
    };
    expect(table(counts)).toEqual(FSDAX_COUNT);
  });

  it('refuses long pins of it from the release on in which that can be said', () => {
    const pins = (version: Version) =>
      came(pin(dax(version, 'ext4_dax'), 512, { fast, longterm: true }));
    expect(table(pins)).toEqual(FSDAX_LONGTERM);
    const left = (version: Version) => {
      const bench = dax(version, 'ext4_dax');
      pin(bench, 512, { fast, longterm: true });
      return count(bench) ?? 'no page';
    };
    expect(table(left)).toEqual(table((version) => (version === '4.14' ? 2 : 1)));
  });

  it('pins device-dax for long: a character device is no file system', () => {
    const pins = (version: Version) =>
      came(pin(dax(version, 'dev_dax'), 512, { fast, longterm: true }));
    expect(table(pins)).toEqual(table((version) => (version === '4.3' ? 'EFAULT' : 512)));
  });

  it('has nothing to give for a mapping without struct pages', () => {
    const pins = (version: Version) => {
      const bench = withProcess(version);
      mapPages(bench, { pages: 4, pfn: 0x900000, vm_ops: 'ext4_dax', entry: 'write|special' });
      return came(pin(bench, 4, { fast }));
    };
    expect(table(pins)).toEqual(PAGELESS);
  });

  it('refuses VM_IO and VM_PFNMAP in every kernel', () => {
    const pins = (version: Version) => {
      const bench = withProcess(version);
      const vm = ['read', 'write', 'shared', 'pfnmap'] as const;
      mapPages(bench, { pages: 4, pfn: 0x900000, vm, entry: 'write|special' });
      return came(pin(bench, 4, { fast }));
    };
    expect(table(pins)).toEqual(table(() => 'EFAULT'));
  });

  it('gives every reference back, and the pagemap keeps its own', () => {
    for (const version of VERSIONS.slice(1)) {
      const bench = dax(version, 'ext4_dax');
      const before = bench.world.hash();
      pin(bench, 512, { fast });
      expect(unpin(bench)).toBeUndefined();
      expect([version, bench.world.hash()]).toEqual([version, before]);
    }
  });
});

describe('the calls a driver makes', () => {
  it('are named as in its kernel', () => {
    const first = (version: Version, fast: boolean) => {
      const bench = dax(version, 'dev_dax');
      const from = bench.log.length;
      pin(bench, 512, { fast, longterm: true });
      return steps(bench, from)[1];
    };
    expect(first('4.14', false)).toBe('get_user_pages');
    expect(first('4.14.72', false)).toBe('get_user_pages_longterm');
    expect(first('5.3', false)).toBe('get_user_pages');
    expect(first('5.14', false)).toBe('pin_user_pages');
    expect(first('5.3', true)).toBe('get_user_pages_fast');
    expect(first('7.2', true)).toBe('pin_user_pages_fast');
  });

  it('walk without a lock, and with it where the fast path may not decide', () => {
    const bench = dax('6.12', 'dev_dax');
    const from = bench.log.length;
    pin(bench, 512, { fast: true });
    expect(steps(bench, from)).toEqual([
      'pinning',
      'pin_user_pages_fast',
      'gup_fast_fallback',
      'gup_fast',
      'gup_fast_pgd_range',
      'gup_fast_pte_range',
      'get_dev_pagemap',
      'try_grab_folio_fast',
      'gup_fast_pte_range',
      'gup_fast_pte_range:recheck',
      'put_dev_pagemap',
      'gup_fast',
      // The call has returned: the array is the caller's.
      'pinning',
    ]);
    unpin(bench);
    const at = bench.log.length;
    pin(bench, 512, { fast: true, longterm: true });
    expect(steps(bench, at)).toContain('__gup_longterm_locked');
    expect(steps(bench, at)).not.toContain('try_grab_folio_fast');
  });
});
