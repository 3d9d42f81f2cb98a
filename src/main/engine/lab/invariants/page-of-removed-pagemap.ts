import { SECTION_IS_EARLY } from '../../core/section-flags.ts';
import { pfnText, rowBefore, type Invariant } from './invariant.ts';

export const pageOfRemovedPagemap: Invariant = {
  tables: ['pgmaps'],
  check: ({ world, facts }, change) => {
    const pgmap = rowBefore('pgmaps', change);
    if (!pgmap || change.to) return undefined;
    const shift = BigInt(facts.arch.page_shift);
    for (const range of pgmap.ranges) {
      const [first, last] = [Number(range.start >> shift), Number(range.end >> shift)];
      const left = world
        .overlapping('pages', first, last + 1)
        .find((row) => row.pgmap === pgmap.id && row.state === 'init');
      if (!left) continue;
      const pfn = Math.max(left.start, first);
      // The boot memmap of an early section outlives what was hot-added over it.
      const section = world.at('sections', Math.floor(pfn / facts.arch.pages_per_section));
      if (!section || (section.flags & SECTION_IS_EARLY) !== 0) continue;
      return {
        sentence: `${pfnText(pfn, Math.min(left.end, last + 1))} still point to pagemap ${pgmap.id}, which is gone`,
        records: [
          { table: 'pages', key: left.start },
          { table: 'pgmaps', key: pgmap.id },
        ],
      };
    }
    return undefined;
  },
};
