import { entryInto, targetOf } from './pte-target.ts';
import { pfnText, rowAfter, type Invariant } from './invariant.ts';

export const pteToFreePage: Invariant = {
  tables: ['ptes', 'pages'],
  check: ({ world }, change) => {
    const page = change.table === 'pages' ? rowAfter('pages', change) : undefined;
    const pte =
      change.table === 'ptes'
        ? rowAfter('ptes', change)
        : page?.buddy
          ? entryInto(world, page.start, page.end)
          : undefined;
    const target = pte && targetOf(pte);
    if (!target) return undefined;
    const free = world.overlapping('pages', target.start, target.end).find(({ buddy }) => buddy);
    if (!free) return undefined;
    const [start, end] = [Math.max(free.start, target.start), Math.min(free.end, target.end)];
    return {
      sentence: `a page table entry refers to ${pfnText(start, end)}, which are free`,
      records: [
        { table: 'ptes', key: pte.start },
        { table: 'pages', key: free.start },
      ],
    };
  },
};
