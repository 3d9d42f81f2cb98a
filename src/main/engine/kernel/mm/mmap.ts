import type { Kernel } from '../../core/facts.ts';
import {
  call,
  fail,
  failed,
  leaf,
  lock,
  operation,
  unlock,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { coversPositions, showMmSpan } from './fault.ts';
import { fileOperations } from './file-operations.ts';
import { unlinkFileVmas } from './i-mmap.ts';
import { inodeOf, newInode } from './inode.ts';
import { mmapLock, type Mm } from './mm-struct.ts';
import { MM_SPAN } from './position.ts';
import { mergeableAnonVma, vmasIn, vmFlags, withVmFlags, type Vma, type VmFlag } from './vma.ts';
import { putFiles } from './truncate.ts';
import { unmap_vmas, type PageSpan } from './zap.ts';

/** Pages a user address space has: 47 bits of addresses less the guard page (TASK_SIZE). */
export function taskPages(k: Kernel): number {
  const bits = k.facts.arch.bits_per_long === 32 ? 32 : 47;
  return 2 ** (bits - k.facts.arch.page_shift) - 1;
}

/** mmap(2): what a process asks for. Positions; `file` '' for anonymous memory. */
export interface DoMmap extends PageSpan {
  readonly prot: readonly ('read' | 'write' | 'exec')[];
  readonly shared: boolean;
  readonly file: string;
  readonly pgoff: number;
  /** MAP_SYNC, with MAP_SHARED_VALIDATE. */
  readonly sync?: boolean;
}

/** Takes mmap_lock for writing around `body`. */
export function* mmapWrite<R>(mm: string, body: () => Operation<R>): Operation<R> {
  yield* lock(mmapLock(mm), 'rwsem');
  const result = yield* body();
  yield* unlock(mmapLock(mm));
  return result;
}

/** A VMA that is not among the others yet. */
type NewVma = Omit<Vma, 'anon_vma'>;

/** vma_link() or a merge: the new VMA, joined with neighbours that say the same. */
const vma_link = leaf<NewVma, void>(
  'vma_link',
  'mm/vma.c:vma_link',
  (k, vma) => {
    const { start, end, ...payload } = vma;
    k.world.set('vmas', start, end, { ...payload, anon_vma: mergeableAnonVma(k, vma) });
  },
  {
    covers: coversPositions,
    show: ({ vm_flags, vm_file }) => ({ vm_flags, vm_file }),
  },
);

/**
 * unmap_region(): the entries of [start, end) and the pages behind them, then the VMAs. In the
 * kernel the VMAs leave the tree first, while mmap_lock keeps everybody away.
 */
const unmap_region = operation<PageSpan, void>(
  'unmap_region',
  'mm/vma.c:unmap_region',
  function* (k, span) {
    yield* call(unmap_vmas, span);
    const files = vmasIn(k, span.start, span.end).map(({ vm_file }) => vm_file);
    yield* unlinkFileVmas(files);
    k.world.clear('vmas', span.start, span.end);
    yield* putFiles(k, files);
  },
  { covers: coversPositions, show: showMmSpan },
);

/** do_munmap() (do_vmi_munmap): nothing where no VMA lies in the range. */
export const do_munmap = operation<PageSpan, Outcome<void>>(
  (k) => k.facts.era.get('do_munmap'),
  'mm/vma.c:do_vmi_munmap',
  function* (k, span) {
    const limit = taskPages(k);
    const first = span.start % MM_SPAN;
    if (first > limit || span.end - span.start > limit - first) {
      return fail('EINVAL', 'start > TASK_SIZE || len > TASK_SIZE - start');
    }
    if (span.end <= span.start) return fail('EINVAL', '!len');
    if (vmasIn(k, span.start, span.end).length > 0) yield* call(unmap_region, span);
    return undefined;
  },
  { covers: coversPositions, show: showMmSpan },
);

/** shmem_zero_setup(): shared anonymous memory is a file of tmpfs nobody can open. */
const shmem_zero_setup = leaf<{ pages: number }, Outcome<string>>(
  'shmem_zero_setup',
  'mm/shmem.c:shmem_zero_setup',
  (k, { pages }) => {
    let n = 1;
    while (inodeOf(k, `/dev/zero#${n}`)) n += 1;
    const i_size = BigInt(pages) << BigInt(k.facts.arch.page_shift);
    const fields = { id: `/dev/zero#${n}`, fs: 'tmpfs', device: '', i_size, i_flags: 'deleted' };
    const inode = newInode(k, fields);
    return inode ? inode.id : fail('ENFILE', 'the model holds 511 inodes');
  },
);

const MAY = ['mayread', 'maywrite', 'mayexec'] as const;

/** calc_vm_prot_bits(), calc_vm_flag_bits() and what do_mmap() adds. */
function flagsOf({ prot, shared, sync = false }: DoMmap): string {
  const flags: VmFlag[] = [...prot, ...MAY];
  if (sync) flags.push('sync');
  return vmFlags(...flags, ...(shared ? (['shared', 'mayshare'] as const) : []));
}

/** mmap_region(): what is in the way goes, the file's mmap() has its say, the VMA is linked. */
const mmap_region = operation<DoMmap & { vm_flags: string }, Outcome<void>>(
  'mmap_region',
  'mm/vma.c:mmap_region',
  function* (k, { mm, start, end, pgoff, file, shared, vm_flags }) {
    const busy = yield* call(do_munmap, { mm, start, end });
    if (failed(busy)) return busy;
    let path = file;
    if (file === '' && shared) {
      const made = yield* call(shmem_zero_setup, { pages: end - start });
      if (failed(made)) return made;
      path = made;
    }
    const inode = path === '' ? undefined : inodeOf(k, path);
    let mapped = { vm_ops: '', vm_flags };
    if (inode) {
      const operations = fileOperations(k, inode);
      if (!operations) return fail('ENODEV', '!file->f_op->mmap');
      const params = { inode, mm, start, end, pgoff, vm_flags };
      const result = yield* call(operations.mmap, params);
      if (failed(result)) return result;
      mapped = result;
    }
    const vm_pgoff = path === '' ? start % MM_SPAN : pgoff;
    const vma = { mm, ...mapped, vm_file: path, vm_pgoff };
    yield* call(vma_link, { start, end, ...vma });
    return undefined;
  },
  {
    covers: coversPositions,
    show: (params, k) => ({ ...showMmSpan(params, k), vm_flags: params.vm_flags }),
  },
);

/**
 * do_mmap() with MAP_FIXED: -EINVAL for no length, -ENOMEM past the end of the address space,
 * -ENOENT where no file is at the path.
 */
export const do_mmap = operation<DoMmap, Outcome<void>>(
  'do_mmap',
  'mm/mmap.c:do_mmap',
  function* (k, params) {
    const { start, end, file } = params;
    if (end <= start) return fail('EINVAL', '!len');
    if (end - Math.floor(start / MM_SPAN) * MM_SPAN > taskPages(k)) {
      return fail('ENOMEM', 'addr > TASK_SIZE - len');
    }
    if (file !== '' && !inodeOf(k, file)) return fail('ENOENT', `open(): no file ${file}`);
    return yield* call(mmap_region, { ...params, vm_flags: flagsOf(params) });
  },
  {
    covers: coversPositions,
    show: (params, k) => ({
      ...showMmSpan(params, k),
      ...(params.file ? { file: params.file } : {}),
    }),
  },
);

/**
 * get_unmapped_area(), top-down as mmap_base() of x86 has it (without randomisation): the highest
 * gap of `pages` pages; undefined where there is none.
 */
export function unmappedArea(k: Kernel, mm: Mm, pages: number): number | undefined {
  const base = mm.nr * MM_SPAN;
  let end = base + taskPages(k) - STACK_GAP_PAGES;
  for (const vma of vmasIn(k, base, end).reverse()) {
    if (end - vma.end >= pages) break;
    end = Math.min(end, vma.start);
  }
  const start = end - pages;
  return start > base + MIN_PAGES ? start : undefined;
}

/** 8 MiB of stack and the guard gap of 256 pages below the top. */
const STACK_GAP_PAGES = 2048 + 256;
/** mmap_min_addr: 64 KiB. */
const MIN_PAGES = 16;

/** vm_flags of mprotect(): the access bits of `prot`, the others as they are. */
export function withProtection(vm_flags: string, prot: readonly string[]): string {
  return withVmFlags(vm_flags, {
    read: prot.includes('read'),
    write: prot.includes('write'),
    exec: prot.includes('exec'),
  });
}
