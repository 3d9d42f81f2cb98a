import { describe, expect, it } from 'vitest';
import { argumentFault, resultFor } from '../../../src/main/engine/kernel/device/services.ts';
import { services } from '../../../src/main/engine/kernel/pgmap/services.ts';
import { failed } from '../../../src/main/engine/core/world/operation.ts';
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

function service(name: string) {
  const found = services.find((entry) => entry.name === name);
  if (!found) throw new Error(`no service ${name}`);
  return found;
}

const REQUEST: Args = {
  type: 'FS_DAX',
  ranges: [{ start: 0x200000000n, end: 0x207ffffffn }],
  altmap: { base_pfn: 0x200000, reserve: 2, free: 1022 },
};

describe('driver services of pagemaps', () => {
  it('map for a driver on its own node, and answer in plain values', () => {
    const bench = smallMachine();
    const entry = service('devm_memremap_pages');
    expect(argumentFault(entry.name, entry.args, REQUEST)).toBeUndefined();
    const params = entry.params(REQUEST, DEVICE);
    const made = bench.call(entry.fn as never, params as never);
    expect(failed(made)).toBe(false);
    expect(resultFor(entry, made)).toEqual({
      pgmap: 'pgmap@0x200000000',
      address: 0xffff888200000000n,
      altmap_alloc: 512,
      altmap_align: 510,
    });
    expect(bench.world.get('pgmaps', 'pgmap@0x200000000')).toMatchObject({ device: 'nvdimm0' });
  });

  it.each([
    [{ ranges: [{ start: 1, end: 2 }] }, 'ranges takes records'],
    [{ ranges: [7n] }, 'ranges takes records'],
    [{ altmap: { base_pfn: 1, reserve: 2, free: -1 } }, 'altmap.free'],
    [{ altmap: { base_pfn: 1, reserve: 2, free: 3, pages: 4 } }, 'no field pages'],
    [{ ops: [1] }, 'ops takes names'],
    [{ vmemmap_shift: 31 }, 'vmemmap_shift'],
  ])('say in a sentence what is wrong with %o', (wrong, text) => {
    const params = service('memremap_pages').params({ ...REQUEST, ...wrong } as Args, DEVICE);
    expect(params).toContain(text);
  });

  it('answer a release of what is not there with an errno', () => {
    const bench = smallMachine();
    const run = (name: string, args: Args): unknown =>
      bench.call(service(name).fn as never, service(name).params(args, DEVICE) as never);
    expect(run('memunmap_pages', { pgmap: 'x' })).toMatchObject({ errno: 'EINVAL' });
    expect(run('put_dev_pagemap', { pgmap: 'x' })).toMatchObject({ errno: 'EINVAL' });
    expect(run('remove_resource', { id: 99 })).toMatchObject({ errno: 'EINVAL' });
  });
});
