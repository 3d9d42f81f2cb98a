import { leaf } from '../../core/world/operation.ts';
import { raiseVariable } from '../../core/world/variables.ts';
import {
  SECTION_HAS_MEM_MAP,
  SECTION_IS_EARLY,
  SECTION_MARKED_PRESENT,
} from '../../core/section-flags.ts';

/** Sections [from, to) that are alike. */
interface Sections {
  readonly from: number;
  readonly to: number;
  /** What holds the struct pages; undefined: nothing new. An early section keeps what it has. */
  readonly memmap: string | undefined;
  /** SECTION_IS_EARLY: set up at boot. */
  readonly early?: boolean;
}

/** sparse_init_one_section(): the memmap becomes visible; flags that are set stay. */
export const sparse_init_one_section = leaf<Sections, void>(
  'sparse_init_one_section',
  'mm/sparse.c:sparse_init_one_section',
  (k, { from, to, memmap, early = false }) => {
    const marks = k.facts.era.get('section_flags') > 3 && early ? SECTION_IS_EARLY : 0;
    k.world.update('sections', from, to, (old) => ({
      flags: old.flags | SECTION_MARKED_PRESENT | SECTION_HAS_MEM_MAP | marks,
      memmap: (old.flags & SECTION_IS_EARLY) === 0 ? (memmap ?? old.memmap) : old.memmap,
    }));
    raiseVariable(k, '__highest_present_section_nr', to - 1);
  },
  {
    covers: ({ from, to }) =>
      to - from < 2
        ? undefined
        : { count: to - from, range: { start: from, end: to, unit: 'section' } },
  },
);
