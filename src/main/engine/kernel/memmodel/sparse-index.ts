import { leaf } from '../../core/world/operation.ts';
import { memblockAlloc } from '../memblock/memblock.ts';
import { pageShift } from '../memblock/pages.ts';

/** Sections [from, to) that get records. */
interface Sections {
  readonly from: number;
  readonly to: number;
  readonly nid: number;
  /** From memblock, while there is no slab yet. */
  readonly early: boolean;
}

/** sparse_index_init(): pages of mem_sections that the EXTREME root array lacks, one a root. */
export const sparse_index_init = leaf<Sections, void>(
  'sparse_index_init',
  'mm/sparse.c:sparse_index_init',
  (k, { from, to, nid, early }) => {
    const { sections_per_root } = k.facts.arch;
    const end = Math.ceil(to / sections_per_root);
    let at = Math.floor(from / sections_per_root);
    const missing = (until: number): void => {
      if (at >= until) return;
      if (early) memblockAlloc(k, BigInt(until - at) << pageShift(k), 64n, nid, 'mem_section');
      k.world.set('section_roots', at, until, { nid });
    };
    for (const there of k.world.overlapping('section_roots', at, end)) {
      missing(there.start);
      at = there.end;
    }
    missing(end);
  },
  {
    covers: ({ from, to }) =>
      to - from < 2
        ? undefined
        : { count: to - from, range: { start: from, end: to, unit: 'section' } },
  },
);
