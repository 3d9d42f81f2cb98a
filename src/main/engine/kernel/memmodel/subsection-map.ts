import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';
import { pfnToSectionNr, sectionNrToPfn } from './section.ts';
import { subsectionMask } from './subsections.ts';

/** Sets the bits of [start, end) in the maps of its sections, a run for the full ones. */
function fill(k: Kernel, start: number, end: number): void {
  const first = pfnToSectionNr(k, start);
  const last = pfnToSectionNr(k, end - 1);
  const set = (from: number, to: number, mask: bigint): void => {
    k.world.update('sections', from, to, (row) => ({ subsection_map: row.subsection_map | mask }));
  };
  const upTo = (nr: number): number => sectionNrToPfn(k, nr + 1);
  if (first === last)
    return set(first, first + 1, subsectionMask(k.facts.arch, start, end - start));
  set(first, first + 1, subsectionMask(k.facts.arch, start, upTo(first) - start));
  if (first + 1 < last) {
    const full = sectionNrToPfn(k, first + 1);
    set(first + 1, last, subsectionMask(k.facts.arch, full, upTo(first + 1) - full));
  }
  const tail = sectionNrToPfn(k, last);
  set(last, last + 1, subsectionMask(k.facts.arch, tail, end - tail));
}

/** Which sub-sections have memory at boot; rounded outward. */
export const sparse_init_subsection_map = leaf<{ start: number; end: number }, void>(
  (k) =>
    k.facts.era.get('sparse_init_subsection_map')
      ? 'sparse_init_subsection_map'
      : 'subsection_map_init',
  'mm/sparse.c:subsection_map_init',
  (k, { start, end }) => fill(k, start, end),
  {
    covers: ({ start, end }, k) => {
      const unit = k.facts.arch.pages_per_subsection;
      const first = Math.floor(start / unit);
      const last = Math.floor((end - 1) / unit) + 1;
      return { count: 1, range: { start: first, end: last, unit: 'subsection' } };
    },
  },
);
