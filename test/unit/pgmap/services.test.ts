import { describe, expect, it } from 'vitest';
import { services } from '../../../src/main/engine/kernel/memremap/services.ts';
import { failed, operation } from '../../../src/main/engine/core/world/operation.ts';
import type { Args } from '../../../src/shared/world/value.ts';
import { smallMachine } from './small-machine.ts';

const DEVICE = {
  id: 'nvdimm0',
  model: 'nvdimm',
  node: 0,
  range: null,
  config: {},
  index: 0,
} as const;

const REQUEST: Args = {
  type: 'FS_DAX',
  ranges: [{ start: 0x200000000n, end: 0x207ffffffn }],
  altmap: { base_pfn: 0x200000, reserve: 2, free: 1022 },
};

/** What a service comes to on a bench; a text says what is wrong with the arguments. */
function ask(bench: ReturnType<typeof smallMachine>, name: string, args: Args): unknown {
  const found = services.find((entry) => entry.name === name);
  const asked = found?.request(args, DEVICE);
  if (!found || asked === undefined) throw new Error(`no service ${name}`);
  if (typeof asked === 'string') return asked;
  const run = operation<object, unknown>('driver', 'test:driver', function* () {
    return yield* asked;
  });
  const result = bench.call(run, {});
  return failed(result) ? result : found.seen(result);
}

describe('driver services of pagemaps', () => {
  it('map for a driver on its own node, and answer in plain values', () => {
    const bench = smallMachine();
    expect(ask(bench, 'devm_memremap_pages', REQUEST)).toEqual({
      pgmap: 'pgmap@0x200000000',
      address: 0xffff888200000000n,
      altmap_alloc: 512,
      altmap_align: 510,
    });
    expect(bench.world.get('pgmaps', 'pgmap@0x200000000')).toMatchObject({ device: 'nvdimm0' });
  });

  it.each([
    [
      { ranges: [{ start: 1.5, end: 2 }] },
      'ranges[0].start takes an address or a size in bytes (bigint)',
    ],
    [{ ranges: [7n] }, 'ranges[0] takes a record'],
    [{ altmap: { base_pfn: 1, reserve: 2, free: -1 } }, 'altmap.free takes an integer from 0 on'],
    [
      { altmap: { base_pfn: 1, reserve: 2, free: 3, pages: 4 } },
      'altmap has no field pages; it takes base_pfn, end_pfn, reserve, free',
    ],
    [{ ops: [1] }, 'ops[0] takes a text'],
    [{ vmemmap_shift: 31 }, 'vmemmap_shift takes an integer from 0 to 30'],
  ])('say in a sentence what is wrong with %o', (wrong, text) => {
    const said = ask(smallMachine(), 'memremap_pages', { ...REQUEST, ...wrong } as Args);
    expect(said).toContain(`memremap_pages: ${text}`);
  });

  it('answer a release of what is not there with an errno', () => {
    const bench = smallMachine();
    expect(ask(bench, 'memunmap_pages', { pgmap: 'x' })).toMatchObject({ errno: 'EINVAL' });
    expect(ask(bench, 'put_dev_pagemap', { pgmap: 'x' })).toMatchObject({ errno: 'EINVAL' });
    expect(ask(bench, 'remove_resource', { id: 99 })).toMatchObject({ errno: 'EINVAL' });
  });
});
