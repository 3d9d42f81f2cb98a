import { entryInto, targetOf } from './pte-target.ts';
import { pfnText, rowAfter, rowBefore, type Finding, type Invariant } from './invariant.ts';

function finding(position: number, start: number, end: number): Finding {
  return {
    sentence: `a page table entry refers to ${pfnText(start, end)}, which has no struct page`,
    records: [
      { table: 'ptes', key: position },
      { table: 'pages', key: start },
    ],
  };
}

export const pteToNoPage: Invariant = {
  tables: ['ptes', 'pages'],
  check: ({ world, pagesWent }, change) => {
    if (change.table === 'ptes') {
      const pte = rowAfter('ptes', change);
      const target = pte && targetOf(pte);
      if (!pte || !target) return undefined;
      let at = target.start;
      for (const row of world.overlapping('pages', target.start, target.end)) {
        if (row.start > at) break;
        at = row.end;
      }
      return at < target.end ? finding(pte.start, at, target.end) : undefined;
    }
    const before = pagesWent ? rowBefore('pages', change) : undefined;
    if (!before || world.store.tree('ptes').size === 0) return undefined;
    let at = before.start;
    for (const row of [...world.overlapping('pages', before.start, before.end), undefined]) {
      const end = Math.min(row?.start ?? before.end, before.end);
      const pte = at < end ? entryInto(world, at, end) : undefined;
      const target = pte && targetOf(pte);
      if (target) return finding(pte.start, Math.max(at, target.start), Math.min(end, target.end));
      at = row?.end ?? end;
    }
    return undefined;
  },
};
