import { describe, expect, it } from 'vitest';
import {
  ClearPageDirty,
  ClearPageReserved,
  SetPageDirty,
  __ClearPageOffline,
  __SetPageOffline,
  page_ref_dec_and_test,
  page_ref_inc,
  pfn_to_online_page,
} from '../../../src/main/engine/kernel/page/page-marks.ts';
import { HotplugMachine } from '../hotplug/hotplug-machine.ts';

const PFN = 0x100000;
const run = { pfn: PFN, end: PFN + 512 };

function machine(): HotplugMachine {
  const made = new HotplugMachine('6.12.117');
  made.add(0x100000000n, 1);
  return made;
}

describe('page marks', () => {
  it('__SetPageOffline, SetPageDirty, __ClearPageOffline, ClearPageDirty and ClearPageReserved change one flag of a run', () => {
    const { bench, world } = machine();
    const flags = () => world.at('pages', PFN + 511)?.flags;
    bench.call(ClearPageReserved, run);
    bench.call(__ClearPageOffline, run);
    const before = flags();
    bench.call(__SetPageOffline, run);
    bench.call(SetPageDirty, run);
    expect(flags()).toBe('dirty|offline');
    expect(world.at('pages', PFN + 512)?.flags).not.toContain('dirty');
    bench.call(ClearPageDirty, run);
    expect(flags()).toBe('offline');
    bench.call(__ClearPageOffline, run);
    expect(flags()).toBe(before);
  });

  it('page_ref_dec_and_test says whether a reference was the last, page_ref_inc counts one', () => {
    const { bench, world } = machine();
    world.update('pages', run.pfn, run.end, { refcount: 1, state: 'init' });
    bench.call(page_ref_inc, run);
    expect(bench.call(page_ref_dec_and_test, run)).toBe(false);
    expect(bench.call(page_ref_dec_and_test, run)).toBe(true);
    expect(world.at('pages', PFN)?.refcount).toBe(0);
  });

  it('pfn_to_online_page finds a page once its section is online', () => {
    const made = machine();
    expect(made.bench.call(pfn_to_online_page, { pfn: PFN })).toBeNull();
    made.online(32, 'online_movable');
    expect(made.bench.call(pfn_to_online_page, { pfn: PFN })).toEqual({
      ...{ zone: 'Movable', flags: [], refcount: 0 },
    });
  });
});
