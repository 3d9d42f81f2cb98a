import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/shared/world/step.ts';
import {
  memremap_pages,
  type MappedPages,
} from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { memunmap_pages } from '../../../src/main/engine/kernel/memremap/memunmap.ts';
import { range, smallMachine } from './small-machine.ts';

/** 2 MiB at 8 GiB, mapped and unmapped under 6.12. */
const bench = smallMachine('6.12');
const REQUEST = { type: 'GENERIC', ranges: [range(0x200000000n, 0x200000n)], nid: 0 };
const { pgmap } = bench.call(memremap_pages, REQUEST) as MappedPages;
bench.call(memunmap_pages, { pgmap });

const steps = Array.from({ length: bench.log.length }, (_, at) => bench.log.step(at + 1));
const changed = (table: string, part: (step: Step) => boolean) =>
  steps.filter(part).flatMap(({ diff }) => diff.filter((one) => one.table === table));

describe('the steps of a pagemap’s life', () => {
  it('memmap_init_zone_device has __init_zone_device_page make each page: reserved, at 1, of Device', () => {
    const outer = steps.find(({ fn }) => fn === 'memmap_init_zone_device');
    expect(outer?.args).toMatchObject({ start_pfn: 0x200000, nr_pages: 512 });
    const pages = changed('pages', ({ fn, parent }) => {
      return fn === '__init_zone_device_page' && parent === outer?.seq;
    });
    expect(pages.map(({ to }) => to)).toContainEqual(
      expect.objectContaining({
        ...{ start: 0x200000, end: 0x200200, zone: 4, flags: 'reserved', refcount: 1, pgmap },
      }),
    );
  });

  it('pageunmap_range takes the memory out again once, after the last reference', () => {
    const calls = steps.filter(({ fn, kind }) => fn === 'pageunmap_range' && kind === 'call');
    expect(calls).toHaveLength(1);
    const waited = steps.find(({ fn }) => fn === 'wait_for_completion');
    expect(calls[0]?.seq).toBeGreaterThan(waited?.end ?? Infinity);
    const [begin = 0, end = 0] = [calls[0]?.seq, calls[0]?.end];
    const within = ({ seq }: Step): boolean => begin <= seq && seq <= end;
    const gone = changed('pages', within).filter(({ to }) => to === undefined);
    const device = gone.filter(({ from }) => from?.['pgmap'] === pgmap);
    expect(device.map(({ from }) => from)).toMatchObject([{ start: 0x200000, end: 0x200200 }]);
    expect(changed('sections', within).at(-1)).toMatchObject({
      from: { start: 64 },
      to: undefined,
    });
  });
});
