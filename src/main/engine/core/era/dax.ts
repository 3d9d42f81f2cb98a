import { since, steps, until } from './switch.ts';
import { subject } from './subject.ts';

export const dax = subject('Files mapped directly (DAX), and when a page of one is idle', {
  dax_device: since('4.12', {
    title: 'Drivers register a struct dax_device; before, DAX asks the block device',
    commit: 'dax: introduce dax_direct_access()',
  }),
  dax_mount_check: steps({
    title: 'What a mount with -o dax asks: direct_access of the disk, an errno, or yes or no',
    first: 'direct_access',
    '4.12': {
      to: 'errno',
      commit: 'block, dax: convert bdev_dax_supported() to dax_direct_access()',
    },
    '4.18': {
      to: 'boolean',
      commit: 'dax: change bdev_dax_supported() to support boolean returns',
    },
    '5.17': {
      to: 'fs_dax_get_by_bdev',
      commit: 'dax: remove the pgmap sanity checks in generic_fsdax_supported',
    },
  }),
  path_mount: since('5.9', {
    title: 'Names of the functions behind mount(2) and umount(2)',
    commit: 'init: add an init_mount helper',
  }),
  dax_needs_pages: steps({
    title:
      'A filesystem mounts with DAX only where the device has struct pages (or, until 6.15, FS_DAX_LIMITED)',
    first: 'no',
    '4.15': {
      to: 'unless_limited',
      commit: "dax: require 'struct page' by default for filesystem dax",
    },
    '6.15': { to: 'always', commit: 'dcssblk: mark DAX broken, remove FS_DAX_LIMITED support' },
  }),
  dax_iomap: since('4.10', {
    title: 'DAX faults go through iomap; before, through get_block and buffer heads',
    commit: 'ext4: convert DAX faults to iomap infrastructure',
  }),
  xfs_iomap_begin: steps({
    title: 'Name of the function with which XFS maps and allocates for a DAX fault',
    also: { '6.0': 'xfs: add xfs_dax_write_iomap_ops' },
    first: 'xfs_file_iomap_begin',
    '5.5': {
      to: 'xfs_direct_write_iomap_begin',
      commit: 'xfs: split out a new set of read-only iomap ops',
    },
  }),
  dax_entries: since('4.7', {
    title: 'DAX keeps a locked entry in i_pages for every mapped page',
    commit: 'dax: New fault locking',
    also: { '4.5': 'dax: support dirty DAX entries in radix tree' },
  }),
  dax_unlock_entry: since('4.20', {
    title: 'Name of the function that unlocks a DAX entry',
    commit: 'dax: Convert dax_insert_mapping_entry to XArray',
  }),
  dax_pmd_with_pages: since('4.5', {
    title: 'DAX maps PMDs of memory with struct pages; before, only without them',
    commit: 'mm, dax: dax-pmd vs thp-pmd vs hugetlbfs-pmd',
    also: { '4.4': 'dax: disable pmd mappings' },
  }),
  huge_fault: since('4.11', {
    title: 'Mappings have a huge_fault for every size, PUDs too; before, a pmd_fault',
    commit: 'mm,fs,dax: change ->pmd_fault to ->huge_fault',
  }),
  dax_pte: steps({
    title: 'How a PTE of a DAX page looks: special, devmap, or an ordinary page that counts',
    first: 'special',
    '4.5': { to: 'devmap', commit: 'mm, dax, gpu: convert vm_insert_mixed to pfn_t' },
    '6.15': { to: 'page', commit: 'fs/dax: properly refcount fs dax pages' },
  }),
  dax_insert_pte: steps({
    title: 'Name of the function that puts a DAX page into a PTE',
    first: 'vm_insert_mixed',
    '4.20': { to: 'vmf_insert_mixed', commit: 'mm: convert insert_pfn() to vm_fault_t' },
    '6.15': { to: 'vmf_insert_page_mkwrite', commit: 'mm: allow compound zone device pages' },
  }),
  dax_vma_mixedmap: until('4.19', {
    title: 'Mappings of DAX files are VM_MIXEDMAP',
    commit: 'dax: remove VM_MIXEDMAP for fsdax and device dax',
  }),
  dax_mkwrite: since('4.14', {
    title:
      'A write fault puts the DAX page in writable and dirty at once, by a function of its own',
    commit: 'mm: add vm_insert_mixed_mkwrite()',
  }),
  dax_association: steps({
    title: 'What a DAX page knows of its file: nothing, page->mapping, its index too, or a folio',
    first: 'none',
    '4.17': {
      to: 'mapping',
      commit: 'fs, dax: use page->mapping to warn if truncate collides with a busy page',
    },
    '4.19': { to: 'index', commit: 'filesystem-dax: Set page->index' },
    '6.15': { to: 'folio', commit: 'fs/dax: properly refcount fs dax pages' },
  }),
  dax_reflink: since('6.2', {
    title: 'Files of XFS that are mapped directly may share blocks',
    commit: 'xfs: remove restrictions for fsdax and reflink',
    also: { '6.0': 'xfs: support CoW in fsdax mode' },
  }),
  dax_busy: steps({
    title: 'A DAX page is busy at more than one reference, or at more references than mappings',
    also: { '4.18': 'mm, fs, dax: handle layout changes to pinned dax mappings' },
    first: 'page_ref_count > 1',
    '6.15': { to: 'refcount - mapcount', commit: 'fs/dax: properly refcount fs dax pages' },
  }),
  xfs_break_dax_layouts: steps({
    title: 'XFS waits for pinned DAX pages before it truncates or punches',
    first: 'none',
    '4.18': { to: 'dax_layout_busy_page', commit: 'xfs, dax: introduce xfs_break_dax_layouts()' },
    '6.15': {
      to: 'dax_break_layout',
      commit: 'fs/dax: create a common implementation to break DAX layouts',
    },
  }),
  ext4_break_layouts: steps({
    title: 'ext4 waits for pinned DAX pages before it truncates or punches',
    first: 'none',
    '4.19': {
      to: 'dax_layout_busy_page',
      commit: 'ext4: handle layout changes to pinned DAX mappings',
    },
    '6.15': {
      to: 'dax_break_layout',
      commit: 'fs/dax: create a common implementation to break DAX layouts',
    },
  }),
  dax_layout_busy_page_range: since('5.10', {
    title: 'The search for a busy page has a range',
    commit: 'dax: Create a range version of dax_layout_busy_page()',
  }),
  dax_break_layout_final: since('6.15', {
    title: 'The end of an inode waits for its pinned DAX pages',
    commit: 'fs/dax: ensure all pages are idle prior to filesystem unmount',
  }),
  mapping_invalidate_lock: steps({
    title: 'The lock that keeps faults out while blocks of a file go, per filesystem or common',
    first: 'none',
    '4.5': { to: 'i_mmap_sem', commit: 'ext4: fix races between page faults and hole punching' },
    '5.15': {
      to: 'invalidate_lock',
      commit: 'mm: Add functions to lock invalidate_lock for two mappings',
    },
  }),
  map_sync: since('4.15', {
    title: 'MAP_SYNC: a write fault waits until the file system metadata is safe',
    commit: 'mm: define MAP_SYNC and VM_SYNC flags',
  }),
  dax_recovery_write: since('5.19', {
    title: 'A write to poisoned memory of a DAX file goes around the error and clears it',
    commit: 'pmem: implement pmem_recovery_write()',
  }),
  dax_holder: since('6.0', {
    title: 'A DAX device tells who holds it of a memory failure',
    commit: 'dax: introduce holder for dax_device',
  }),
});
