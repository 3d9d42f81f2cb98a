import type { Kernel } from '../../core/facts.ts';
import { coversPositions, showMmSpan } from '../mm/fault.ts';
import type { FileOperations, MmapFile, MmappedFile } from '../mm/file-operations.ts';
import { inodeOf, newInode } from '../mm/inode.ts';
import { vm_insert_page } from '../mm/insert-page.ts';
import { addressOf } from '../mm/position.ts';
import { hasVmFlag, withVmFlags } from '../mm/vma.ts';
import { unmap_mapping_range } from '../mm/zap.ts';
import { set_page_count, type PageFree } from '../page/free-zone-device.ts';
import { put_page } from '../page/page-ref.ts';
import { coversPages } from '../page/page-runs.ts';
import { addReferences } from '../pgmap/pgmap-ref.ts';
import { call, fail, failed, operation, type Outcome } from '../../core/world/operation.ts';
import {
  gen_pool_alloc,
  gen_pool_free,
  percpu_ref_put,
  percpu_ref_tryget_live,
  type PoolRange,
} from './gen-pool.ts';

const FILE = 'drivers/pci/p2pdma.c';
/** SZ_1T: what the file says of its size. */
const ALLOCATE_SIZE = 1n << 40n;
const PATH = /^\/sys\/bus\/pci\/devices\/([^/]+)\/p2pmem\/allocate$/;

function allocatePath(pdev: string): string {
  return `/sys/bus/pci/devices/${pdev}/p2pmem/allocate`;
}

/** The file in sysfs, where the kernel has one. */
export function add_allocate_file(k: Kernel, pdev: string): void {
  if (!k.facts.era.get('p2pmem_allocate')) return;
  const id = allocatePath(pdev);
  const device = k.world.get('pci_devices', pdev)?.device ?? '';
  const fields = { id, fs: 'sysfs', device, i_size: ALLOCATE_SIZE, i_flags: '' };
  // Processes may still have mappings of the file as it was before the driver went.
  if (inodeOf(k, id)) k.world.patch('inodes', id, { i_flags: '' });
  else if (!newInode(k, fields)) k.note('the model holds 511 inodes: p2pmem/allocate is missing');
}

/** gen_pool_free() of what was allocated, if the provider is still there. */
function giveBack(k: Kernel, pdev: string, range: PoolRange): void {
  const pool = k.world.get('p2pdma', pdev);
  const left = pool && gen_pool_free(pool.allocated, range);
  if (left) k.world.patch('p2pdma', pdev, { allocated: left });
}

/**
 * p2pmem_alloc_mmap(): mapping the file allocates. Private mappings and offsets are -EINVAL, a
 * provider that goes is -ENODEV, a full pool -ENOMEM. Each page holds a reference on the pagemap.
 */
const p2pmem_alloc_mmap = operation<MmapFile, Outcome<MmappedFile>>(
  'p2pmem_alloc_mmap',
  `${FILE}:p2pmem_alloc_mmap`,
  function* (k, { inode, mm, start, end, pgoff, vm_flags }) {
    if (!hasVmFlag({ vm_flags }, 'mayshare')) {
      return fail('EINVAL', '(vma->vm_flags & VM_MAYSHARE) != VM_MAYSHARE');
    }
    if (pgoff !== 0) return fail('EINVAL', 'vma->vm_pgoff');
    const pdev = PATH.exec(inode.id)?.[1] ?? '';
    const pool = k.world.get('p2pdma', pdev);
    if (!pool || inode.i_flags === 'removed') return fail('ENODEV', '!p2pdma');
    const shift = BigInt(k.facts.arch.page_shift);
    const size = BigInt(end - start) << shift;
    const found = gen_pool_alloc(pool.chunks, pool.allocated, size);
    if (!found) return fail('ENOMEM', 'gen_pool_alloc_owner(p2pdma->pool, len) == NULL');
    const { pgmap } = found.chunk;
    const range = { start: found.start, size };
    k.world.patch('p2pdma', pdev, { allocated: [...pool.allocated, range] });
    if (!(yield* call(percpu_ref_tryget_live, { pgmap }))) {
      giveBack(k, pdev, range);
      return fail('ENODEV', '!percpu_ref_tryget_live_rcu(ref)');
    }
    const pfn = Number(found.start >> shift);
    const pages = { pfn, end: pfn + end - start };
    const mixed = withVmFlags(vm_flags, { mixedmap: true });
    // Before 6.15 an idle page counts 1; since then whoever hands it out sets it to 1.
    if (k.facts.era.get('p2pdma_idle_refcount') === 0) {
      yield* call(set_page_count, { ...pages, v: 1 });
    }
    const making = { mm, start, end, vm_flags: mixed };
    const inserted = yield* call(vm_insert_page, {
      ...{ ...pages, mm, making },
      address: addressOf(k, start),
    });
    if (failed(inserted)) {
      giveBack(k, pdev, range);
      yield* call(percpu_ref_put, { pgmap });
      return inserted;
    }
    addReferences(k, pgmap, end - start);
    yield* call(put_page, pages);
    yield* call(percpu_ref_put, { pgmap });
    return { vm_ops: 'kernfs', vm_flags: mixed };
  },
  { covers: coversPositions, show: showMmSpan },
);

/** kernfs_fop_mmap(): the mapping is the file's own business; its faults are kernfs's. */
const kernfs_fop_mmap = operation<MmapFile, Outcome<MmappedFile>>(
  'kernfs_fop_mmap',
  'fs/kernfs/file.c:kernfs_fop_mmap',
  function* (_k, params) {
    return yield* call(p2pmem_alloc_mmap, params);
  },
  { covers: coversPositions, show: showMmSpan },
);

/** p2pdma_page_free(), p2pdma_folio_free(): pages nobody maps or holds go back to their pool. */
export const p2pdma_page_free: PageFree = operation(
  (k) =>
    k.facts.era.get('pagemap_free_op') === 'folio_free' ? 'p2pdma_folio_free' : 'p2pdma_page_free',
  `${FILE}:p2pdma_page_free`,
  function* (k, { pfn, end }) {
    const id = k.world.at('pages', pfn)?.pgmap;
    const shift = BigInt(k.facts.arch.page_shift);
    for (const { provider, chunks, allocated } of k.world.rows('p2pdma')) {
      if (!chunks.some(({ pgmap }) => pgmap === id)) continue;
      const range = { start: BigInt(pfn) << shift, size: BigInt(end - pfn) << shift };
      const left = gen_pool_free(allocated, range);
      if (left) k.world.patch('p2pdma', provider, { allocated: left });
      break;
    }
    if (id != null) yield* call(percpu_ref_put, { pgmap: id, nr: end - pfn });
  },
  { covers: coversPages },
);

/**
 * pci_p2pdma_unmap_mappings(): the file goes first, and with it what processes mapped of it;
 * otherwise memunmap_pages() would wait for them.
 */
export const pci_p2pdma_unmap_mappings = operation<{ pdev: string }, void>(
  'pci_p2pdma_unmap_mappings',
  `${FILE}:pci_p2pdma_unmap_mappings`,
  function* (k, { pdev }) {
    const file = allocatePath(pdev);
    if (!inodeOf(k, file)) return;
    const end = Number(ALLOCATE_SIZE >> BigInt(k.facts.arch.page_shift));
    yield* call(unmap_mapping_range, { file, start: 0, end, even_cows: true });
    const mapped = [...k.world.rows('vmas')].some(({ vm_file }) => vm_file === file);
    if (mapped) k.world.patch('inodes', file, { i_flags: 'removed' });
    else k.world.remove('inodes', file);
  },
);

export const kernfs_file_fops: FileOperations = { mmap: kernfs_fop_mmap };
