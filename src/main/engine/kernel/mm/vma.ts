import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { MM_SPAN } from './position.ts';

export type Vma = RowOf<'vmas'>;

/** VM_* without the prefix, in the order `vm_flags` lists them (include/linux/mm.h). */
const VM_FLAGS = [
  'read',
  'write',
  'exec',
  'shared',
  'mayread',
  'maywrite',
  'mayexec',
  'mayshare',
  'growsdown',
  'pfnmap',
  'locked',
  'io',
  'seqread',
  'randread',
  'dontcopy',
  'dontexpand',
  'account',
  'noreserve',
  'hugetlb',
  'sync',
  'softdirty',
  'mixedmap',
  'hugepage',
  'nohugepage',
  'allow_any_uncached',
] as const;
export type VmFlag = (typeof VM_FLAGS)[number];

/** A `vm_flags` text, in canonical order. */
export function vmFlags(...flags: readonly VmFlag[]): string {
  return VM_FLAGS.filter((flag) => flags.includes(flag)).join('|');
}

export function hasVmFlag({ vm_flags }: Pick<Vma, 'vm_flags'>, flag: VmFlag): boolean {
  return vm_flags.split('|').includes(flag);
}

/** `vm_flags` with some set and some cleared. */
export function withVmFlags(
  text: string,
  change: Partial<Readonly<Record<VmFlag, boolean>>>,
): string {
  const has = text.split('|');
  return VM_FLAGS.filter((flag) => change[flag] ?? has.includes(flag)).join('|');
}

/** vma_is_anonymous(): no vm_ops. */
export function isAnonymous({ vm_ops }: Pick<Vma, 'vm_ops'>): boolean {
  return vm_ops === '';
}

/** is_cow_mapping(): private, and may become writable. */
export function isCowMapping(vma: Pick<Vma, 'vm_flags'>): boolean {
  return !hasVmFlag(vma, 'shared') && hasVmFlag(vma, 'maywrite');
}

/** vma_lookup(): the VMA that holds a position. */
export function vmaAt(k: Kernel, position: number): Vma | undefined {
  return k.world.at('vmas', position);
}

/** VMAs that meet [start, end), whole, in order. */
export function vmasIn(k: Kernel, start: number, end: number): Vma[] {
  return k.world.overlapping('vmas', start, end);
}

/** linear_page_index(). */
export function pageIndexOf(vma: Vma, position: number): number {
  return vma.vm_pgoff + (position - vma.start);
}

/** The whole range of a VMA as it is now, with other fields; neighbours that agree become one. */
export function changeVma(k: Kernel, vma: Vma, fields: Partial<Omit<Vma, 'start' | 'end'>>): Vma {
  const { start, end, ...payload } = vma;
  k.world.set('vmas', start, end, { ...payload, ...fields });
  return k.world.at('vmas', start) ?? vma;
}

/** Do the neighbours differ in access only, so that both may use one anon_vma? */
function compatible(left: Omit<Vma, 'anon_vma'>, right: Omit<Vma, 'anon_vma'>): boolean {
  const access = { read: false, write: false, exec: false, softdirty: false };
  return (
    left.end === right.start &&
    left.mm === right.mm &&
    left.vm_file === right.vm_file &&
    left.vm_ops === right.vm_ops &&
    withVmFlags(left.vm_flags, access) === withVmFlags(right.vm_flags, access) &&
    left.vm_pgoff + left.end - left.start === right.vm_pgoff
  );
}

/** find_mergeable_anon_vma(): that of a neighbour which may share it; '' where there is none. */
export function mergeableAnonVma(k: Kernel, vma: Omit<Vma, 'anon_vma'>): string {
  const next = k.world.at('vmas', vma.end);
  if (next && next.anon_vma !== '' && compatible(vma, next)) return next.anon_vma;
  const before = vma.start % MM_SPAN === 0 ? undefined : k.world.at('vmas', vma.start - 1);
  return before && compatible(before, vma) ? before.anon_vma : '';
}

/**
 * __anon_vma_prepare(): the VMA gets an anon_vma, its neighbour's or one of its own, named after
 * the address space and the first page it was made for.
 */
export function anonVmaPrepare(k: Kernel, vma: Vma): Vma {
  if (vma.anon_vma !== '') return vma;
  const shared = mergeableAnonVma(k, vma);
  const own = `${vma.mm}/${(vma.start % MM_SPAN).toString(16)}`;
  changeVma(k, vma, { anon_vma: shared === '' ? own : shared });
  return { ...vma, anon_vma: shared === '' ? own : shared };
}
