import { describe, expect, it } from 'vitest';
import { isLongtermPinnable } from '../../../src/main/engine/kernel/gup/longterm-pinnable.ts';
import { zeroPfn } from '../../../src/main/engine/kernel/mm/zero-page.ts';
import { leaf } from '../../../src/main/engine/core/world/operation.ts';
import type { Bench } from '../pgmap/small-machine.ts';
import { byHand, DEVICE_PFN, mapDevice, withProcess } from './address-space.ts';

/** A PFN of ordinary memory that no test uses otherwise. */
const RAM = 0x8000;

const ask = leaf<{ pfn: number }, boolean>('folio_is_longterm_pinnable', 'test', (k, { pfn }) => {
  const page = k.world.at('pages', pfn);
  return page !== undefined && isLongtermPinnable(k, page);
});

const zero = leaf<object, number>('zero', 'test', (k) => zeroPfn(k));

const CONFIG = { DEVICE_PRIVATE: 'y', DEVICE_PUBLIC: 'y', PCI_P2PDMA: 'y' };

function ram(version: string, zone: string, migratetype: string, pfn = RAM): Bench {
  const bench = withProcess(version, CONFIG);
  byHand(bench, () => {
    bench.world.set('pages', pfn, pfn + 1, {
      state: 'init',
      nid: 0,
      zone: bench.facts.arch.zones.indexOf(zone),
      mapcount: 0,
      pgmap: null,
      flags: 'lru|uptodate',
      refcount: 1,
      buddy: false,
      compound_order: 0,
      migratetype,
    });
  });
  return bench;
}

function device(version: string, type: string): boolean {
  const bench = withProcess(version, CONFIG);
  mapDevice(bench, type, type === 'PUBLIC' ? { ref: undefined } : {});
  return bench.call(ask, { pfn: DEVICE_PFN });
}

/** What a kernel answers from `since` on; before, everything may be held for long. */
describe('folio_is_longterm_pinnable', () => {
  it.each([
    ['5.0', true, true],
    ['5.1', false, true],
    ['5.12', false, true],
    ['5.13', false, false],
    ['6.12', false, false],
    ['7.2', false, false],
  ])('in %s of pages of CMA: %s, of ZONE_MOVABLE: %s', (version, cma, movable) => {
    expect(ram(version, 'DMA32', 'CMA').call(ask, { pfn: RAM })).toBe(cma);
    expect(ram(version, 'Movable', 'MOVABLE').call(ask, { pfn: RAM })).toBe(movable);
    expect(ram(version, 'DMA32', 'MOVABLE').call(ask, { pfn: RAM })).toBe(true);
  });

  it.each([
    ['PRIVATE', { '5.14': true, '6.0': true, '6.12': true, '6.15': true, '7.2': true }],
    ['COHERENT', { '6.0': false, '6.12': false, '6.15': false, '7.2': false }],
    ['FS_DAX', { '5.14': true, '6.0': true, '6.12': true, '6.15': false, '7.2': false }],
    ['GENERIC', { '5.14': true, '6.0': true, '6.12': true, '6.15': true, '7.2': true }],
    ['PCI_P2PDMA', { '5.14': true, '6.0': true, '6.12': true, '6.15': true, '7.2': true }],
  ] as const)('of %s pages by kernel', (type, answers) => {
    const got = Object.keys(answers).map((version) => [version, device(version, type)]);
    expect(Object.fromEntries(got)).toEqual(answers);
  });

  it('says yes of the zero page, whatever lies around it', () => {
    const pfn = withProcess('6.12', CONFIG).call(zero, {});
    expect(ram('6.12', 'Movable', 'MOVABLE', pfn).call(ask, { pfn })).toBe(true);
  });
});
