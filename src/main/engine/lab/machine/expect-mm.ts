import { labRow } from '../../../../shared/world/lab-row.ts';
import type { RowOf } from '../../../../shared/world/tables.ts';
import { flagList } from '../../kernel/page/flags.ts';
import { contentRuns } from '../../kernel/mm/contents.ts';
import { MM_SPAN } from '../../kernel/mm/position.ts';
import { isZeroPage, zeroPfn } from '../../kernel/mm/zero-page.ts';
import { vmaAccess } from '../inspect/proc-maps.ts';
import type { Checked, Getter } from './expect.ts';

/** The address space that an expectation names: by its task, or by its own name. */
function spaceOf(
  { world }: Checked,
  want: { actor?: string | undefined; mm?: string | undefined },
): RowOf<'mms'> | undefined {
  const name = want.mm ?? world.get('tasks', want.actor ?? '')?.mm;
  return name === undefined ? undefined : world.get('mms', name);
}

function positionIn(checked: Checked, mm: RowOf<'mms'>, va: bigint): number {
  return mm.nr * MM_SPAN + Number(va >> BigInt(checked.facts.arch.page_shift));
}

function whose(want: { actor?: string | undefined; mm?: string | undefined; va: bigint }): string {
  return `of ${want.mm ?? want.actor ?? '?'} at 0x${want.va.toString(16)}`;
}

/** A page table entry; none: `exists: false`. */
export const pte: Getter<'pte'> = (checked, want) => {
  const mm = spaceOf(checked, want);
  const at = mm && positionIn(checked, mm, want.va);
  const row = at === undefined ? undefined : checked.world.at('ptes', at);
  return {
    title: `pte ${whose(want)}`,
    fields: row && {
      ...labRow('ptes', row),
      pfn: isZeroPage(row) ? zeroPfn(checked) : row.pfn + ((at ?? 0) - row.start),
      flags: flagList(row.flags),
      write: flagList(row.flags).includes('write'),
    },
  };
};

/** The VMA that holds an address; none: `exists: false`. */
export const vma: Getter<'vma'> = (checked, want) => {
  const mm = spaceOf(checked, want);
  const row = mm && checked.world.at('vmas', positionIn(checked, mm, want.va));
  const shift = BigInt(checked.facts.arch.page_shift);
  return {
    title: `vma ${whose(want)}`,
    fields: row && {
      ...labRow('vmas', row),
      start: BigInt(row.start % MM_SPAN) << shift,
      end: BigInt(row.end % MM_SPAN) << shift,
      access: vmaAccess(row),
      flags: flagList(row.vm_flags),
    },
  };
};

/** A process, and what of its address space is resident. */
export const task: Getter<'task'> = ({ world }, { id }) => {
  const row = world.get('tasks', id);
  const mm = row && world.get('mms', row.mm);
  return {
    title: `task ${id}`,
    fields: row && {
      ...labRow('tasks', row),
      anonpages: mm?.anonpages ?? 0,
      filepages: mm?.filepages ?? 0,
      shmempages: mm?.shmempages ?? 0,
    },
  };
};

/** What is in a page. */
export const contents: Getter<'contents'> = (checked, { pfn }) => {
  const [run] = contentRuns(checked, pfn, pfn + 1);
  return {
    title: `contents of page 0x${pfn.toString(16)}`,
    fields: run && { word: run.word, count: run.counts },
  };
};
