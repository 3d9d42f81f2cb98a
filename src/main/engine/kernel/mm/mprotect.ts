import type { Kernel } from '../../core/facts.ts';
import { call, fail, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { coversPositions, showMmSpan } from './fault.ts';
import { splitAtEnds } from './huge-memory.ts';
import { withProtection } from './mmap.ts';
import { notifyEnd, notifyStart } from './mmu-notifier.ts';
import { hasFlag, isMigration, pfnAt, present, pteRuns, withFlags, type Pte } from './pte.ts';
import { isAnonPage } from './rmap.ts';
import { hasVmFlag, vmaAt, vmasIn, type Vma } from './vma.ts';
import { wantsWriteNotify } from './do-wp-page.ts';
import type { PageSpan } from './zap.ts';

/** mprotect(2): positions and the new access. */
export interface Mprotect extends PageSpan {
  readonly prot: readonly ('read' | 'write' | 'exec')[];
}

/** can_change_pte_writable(): may the entry be writable at once, without a fault? */
function keepsWritable(k: Kernel, vma: Vma, entry: Pte, position: number): boolean {
  if (!hasVmFlag(vma, 'write')) return false;
  if (hasVmFlag(vma, 'shared')) return !wantsWriteNotify(k, position) || hasFlag(entry, 'dirty');
  const rule = k.facts.era.get('mprotect_keeps_writable');
  if (rule === 'none' || !hasFlag(entry, 'anon_exclusive')) return false;
  return rule === 'all' || hasFlag(entry, 'dirty');
}

/** What becomes of an entry that is not present. */
function changedKind(k: Kernel, entry: Pte, position: number): string {
  switch (entry.kind) {
    case 'device_private_write':
      return 'device_private_read';
    case 'device_exclusive_write':
      return 'device_exclusive_read';
    case 'migration_write': {
      const remembers = k.facts.era.get('migration_read_exclusive');
      const anon = isMigration(entry) && isAnonPage(k, pfnAt(entry, position));
      return remembers && anon ? 'migration_read_exclusive' : 'migration_read';
    }
    default:
      return entry.kind;
  }
}

/**
 * change_pte_range(), change_huge_pmd(): entries get the access of their VMA, under the page table
 * lock. Writable device private entries become readable whatever the new access is.
 */
const change_pte_range = leaf<PageSpan, void>(
  'change_pte_range',
  'mm/mprotect.c:change_pte_range',
  (k, { start, end }) => {
    const vma = vmaAt(k, start);
    if (!vma) return;
    const access = hasVmFlag(vma, 'read') || hasVmFlag(vma, 'write') || hasVmFlag(vma, 'exec');
    for (const { start: from, end: to, entry } of pteRuns(k, start, end)) {
      if (!entry) continue;
      if (!present(entry)) {
        k.world.update('ptes', from, to, { kind: changedKind(k, entry, from) });
        continue;
      }
      const write = entry.kind === 'present' && keepsWritable(k, vma, entry, from);
      const flags = withFlags(entry.flags, { write, protnone: !access });
      k.world.update('ptes', from, to, { flags });
    }
  },
  { covers: coversPositions, show: showMmSpan },
);

/** change_protection(): what a VMA has mapped in [start, end). */
const change_protection = operation<PageSpan, void>(
  'change_protection',
  'mm/mprotect.c:change_protection',
  function* (k, params) {
    const { mm, start, end } = params;
    const range = { mm, start, end, event: 'PROTECTION_VMA' };
    yield* notifyStart(k, range);
    yield* splitAtEnds(k, range);
    const used = k.world.overlapping('ptes', start, end);
    const last = used[used.length - 1];
    if (used[0] && last) {
      const from = Math.max(used[0].start, start);
      yield* call(change_pte_range, { ...params, start: from, end: Math.min(last.end, end) });
    }
    yield* notifyEnd(k, range);
  },
  { covers: coversPositions, show: showMmSpan },
);

/** mprotect_fixup(): the VMA is split or merged; nothing to do where its flags stay. */
const mprotect_fixup = operation<PageSpan & { vma: Vma; vm_flags: string }, void>(
  'mprotect_fixup',
  'mm/mprotect.c:mprotect_fixup',
  function* (k, { mm, start, end, vma, vm_flags }) {
    if (vma.vm_flags === vm_flags) return;
    k.world.update('vmas', start, end, { vm_flags });
    yield* call(change_protection, { mm, start, end });
  },
  {
    covers: coversPositions,
    show: (params, k) => ({ ...showMmSpan(params, k), vm_flags: params.vm_flags }),
  },
);

/** May the VMA have this access: VM_MAYREAD and its like, four bits above VM_READ. */
function allowed({ vm_flags }: Pick<Vma, 'vm_flags'>, prot: readonly string[]): boolean {
  const has = vm_flags.split('|');
  return prot.every((bit) => has.includes(`may${bit}`));
}

/**
 * do_mprotect_pkey(): VMA by VMA; what came before an error stays changed. -ENOMEM where a page of
 * the range is not mapped, -EACCES where a mapping may not have the access.
 */
export const do_mprotect_pkey = operation<Mprotect, Outcome<void>>(
  'do_mprotect_pkey',
  'mm/mprotect.c:do_mprotect_pkey',
  function* (k, { mm, start, end, prot }) {
    let at = start;
    for (const vma of vmasIn(k, start, end)) {
      if (vma.start > at) break;
      const to = Math.min(vma.end, end);
      if (!allowed(vma, prot))
        return fail('EACCES', '(newflags & ~(newflags >> 4)) & VM_ACCESS_FLAGS');
      const vm_flags = withProtection(vma.vm_flags, prot);
      yield* call(mprotect_fixup, { mm, start: at, end: to, vma, vm_flags });
      at = to;
    }
    return at < end ? fail('ENOMEM', `!vma at page ${at - start} of the range`) : undefined;
  },
  {
    covers: coversPositions,
    show: ({ prot, ...span }, k) => ({ ...showMmSpan(span, k), prot: prot.join('|') }),
  },
);
