import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Facts } from '../../core/facts.ts';
import { swapTypes } from '../../kernel/hmm/swap-types.ts';
import { isZeroPage, zeroPfn } from '../../kernel/mm/zero-page.ts';
import type { World } from '../../core/world/world.ts';
import { addressesOf, mapsLine, ptesOf, taskHeading, vmasOf } from './proc-maps.ts';

type Pte = RowOf<'ptes'>;

/** Bits of an entry of /proc/PID/pagemap (fs/proc/task_mmu.c). */
const PM_SOFT_DIRTY = 1n << 55n;
const PM_MMAP_EXCLUSIVE = 1n << 56n;
const PM_FILE = 1n << 61n;
const PM_SWAP = 1n << 62n;
const PM_PRESENT = 1n << 63n;

/** Names of swap types where they are not those of the entries. */
const NAMES: Readonly<Record<string, string>> = {
  device_private_write: 'SWP_DEVICE_WRITE',
  device_private_read: 'SWP_DEVICE_READ',
};

/** swp_type() of an entry: its number among this kernel's swap types. */
function swapType(facts: Facts, kind: string): bigint {
  const name = NAMES[kind] ?? `SWP_${kind.toUpperCase()}`;
  return BigInt(swapTypes(facts).types.find((one) => one.name === name)?.type ?? 0);
}

/**
 * pte_to_pagemap_entry(): the first page of a run; the PFN grows with the page. Soft-dirty is set
 * for all that has not been cleared since the VMA was made, which is everything here.
 */
function pagemapEntry(world: World, facts: Facts, pte: Pte, pfn: number): bigint {
  const anon = world.at('page_mappings', pfn)?.mapping.startsWith('anon:') ?? false;
  const zero = isZeroPage(pte);
  const file = !anon && !zero ? PM_FILE : 0n;
  const alone = !zero && world.at('pages', pfn)?.mapcount === 0 ? PM_MMAP_EXCLUSIVE : 0n;
  if (zero || pte.kind === 'present') {
    return PM_PRESENT | PM_SOFT_DIRTY | file | alone | BigInt(pfn);
  }
  const type = swapType(facts, pte.kind);
  return PM_SWAP | file | alone | type | (BigInt(pfn) << 5n);
}

/** /proc/PID/pagemap of every process, a line for each run of pages: the file itself is binary. */
export function pagemapText(world: World, facts: Facts): string {
  const lines: string[] = [];
  for (const task of world.rows('tasks')) {
    const mm = world.get('mms', task.mm);
    lines.push(taskHeading(task, 'pagemap'));
    for (const pte of mm ? ptesOf(world, mm) : []) {
      const { start, end } = addressesOf(facts, pte);
      const pfn = isZeroPage(pte) ? zeroPfn({ world }) : pte.pfn;
      const entry = pagemapEntry(world, facts, pte, pfn).toString(16).padStart(16, '0');
      lines.push(`${start.toString(16)}-${end.toString(16)} ${entry} ${pte.kind} ${pte.level}`);
    }
    lines.push('');
  }
  return lines.length === 0 ? 'no process\n' : lines.join('\n');
}

interface Sizes {
  rss: number;
  pss: number;
  shared_clean: number;
  shared_dirty: number;
  private_clean: number;
  private_dirty: number;
  referenced: number;
  anonymous: number;
  anon_huge: number;
}

/** smaps_account(), in pages, run by run. */
function account(world: World, vma: RowOf<'vmas'>): Sizes {
  const sizes: Sizes = {
    ...{ rss: 0, pss: 0, shared_clean: 0, shared_dirty: 0, private_clean: 0, private_dirty: 0 },
    ...{ referenced: 0, anonymous: 0, anon_huge: 0 },
  };
  for (const pte of world.overlapping('ptes', vma.start, vma.end)) {
    if (pte.kind !== 'present') continue;
    const flags = pte.flags.split('|');
    if (flags.includes('special') || flags.includes('devmap')) continue;
    const from = Math.max(pte.start, vma.start);
    const first = pte.pfn + from - pte.start;
    const last = first + Math.min(pte.end, vma.end) - from;
    for (const page of world.overlapping('pages', first, last)) {
      const pages = Math.min(page.end, last) - Math.max(page.start, first);
      const maps = page.mapcount + 1;
      const dirty = flags.includes('dirty') || page.flags.split('|').includes('dirty');
      const anon = world.at('page_mappings', Math.max(page.start, first));
      sizes.rss += pages;
      sizes.pss += pages / Math.max(1, maps);
      if (maps > 1) sizes[dirty ? 'shared_dirty' : 'shared_clean'] += pages;
      else sizes[dirty ? 'private_dirty' : 'private_clean'] += pages;
      if (flags.includes('young')) sizes.referenced += pages;
      if (anon?.mapping.startsWith('anon:')) sizes.anonymous += pages;
      if (pte.level === 'pmd' && anon?.mapping.startsWith('anon:')) sizes.anon_huge += pages;
    }
  }
  return sizes;
}

/**
 * /proc/PID/smaps of every process, the lines whose values the model knows (show_smap,
 * __show_smap): sizes in kB, as the kernel prints them.
 */
export function smapsText(world: World, facts: Facts): string {
  const lines: string[] = [];
  const kib = 2 ** (facts.arch.page_shift - 10);
  for (const task of world.rows('tasks')) {
    const mm = world.get('mms', task.mm);
    lines.push(taskHeading(task, 'smaps'));
    for (const vma of mm ? vmasOf(world, mm) : []) {
      const sizes = account(world, vma);
      const line = (name: string, pages: number) =>
        lines.push(`${`${name}:`.padEnd(16)}${String(Math.floor(pages * kib)).padStart(8)} kB`);
      lines.push(mapsLine(world, facts, vma));
      line('Size', vma.end - vma.start);
      line('KernelPageSize', 1);
      line('MMUPageSize', 1);
      line('Rss', sizes.rss);
      line('Pss', sizes.pss);
      line('Shared_Clean', sizes.shared_clean);
      line('Shared_Dirty', sizes.shared_dirty);
      line('Private_Clean', sizes.private_clean);
      line('Private_Dirty', sizes.private_dirty);
      line('Referenced', sizes.referenced);
      line('Anonymous', sizes.anonymous);
      line('AnonHugePages', sizes.anon_huge);
    }
    lines.push('');
  }
  return lines.length === 0 ? 'no process\n' : lines.join('\n');
}
