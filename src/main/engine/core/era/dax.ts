import { eraSwitch } from './switch.ts';
import { since } from './version.ts';

/** Direct access: how a DAX file is mapped, and what tells a pinned page from an idle one. */
export const daxSwitches = {
  dax_device: eraSwitch({
    title: 'Drivers register a struct dax_device; before, DAX asks the block device',
    changed: [{ commit: 'dax: introduce dax_direct_access()', release: '4.12' }],
    value: ({ version }) => since(version, '4.12'),
  }),
  dax_mount_check: eraSwitch({
    title: 'What a mount with -o dax asks: direct_access of the disk, an errno, or yes or no',
    changed: [
      {
        commit: 'block, dax: convert bdev_dax_supported() to dax_direct_access()',
        release: '4.12',
      },
      { commit: 'dax: change bdev_dax_supported() to support boolean returns', release: '4.18' },
      { commit: 'dax: remove the pgmap sanity checks in generic_fsdax_supported', release: '5.17' },
    ],
    value: ({ version }) => {
      if (since(version, '5.17')) return 'fs_dax_get_by_bdev';
      if (since(version, '4.18')) return 'boolean';
      return since(version, '4.12') ? 'errno' : 'direct_access';
    },
  }),
  path_mount: eraSwitch({
    title: 'Names of the functions behind mount(2) and umount(2)',
    changed: [{ commit: 'init: add an init_mount helper', release: '5.9' }],
    value: ({ version }) => since(version, '5.9'),
  }),
  dax_needs_pages: eraSwitch({
    title:
      'A filesystem mounts with DAX only where the device has struct pages (or, until 6.15, FS_DAX_LIMITED)',
    changed: [
      { commit: "dax: require 'struct page' by default for filesystem dax", release: '4.15' },
      { commit: 'dcssblk: mark DAX broken, remove FS_DAX_LIMITED support', release: '6.15' },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return 'always';
      return since(version, '4.15') ? 'unless_limited' : 'no';
    },
  }),
  dax_iomap: eraSwitch({
    title: 'DAX faults go through iomap; before, through get_block and buffer heads',
    changed: [{ commit: 'ext4: convert DAX faults to iomap infrastructure', release: '4.10' }],
    value: ({ version }) => since(version, '4.10'),
  }),
  xfs_iomap_begin: eraSwitch({
    title: 'Name of the function with which XFS maps and allocates for a DAX fault',
    changed: [
      { commit: 'xfs: split out a new set of read-only iomap ops', release: '5.5' },
      { commit: 'xfs: add xfs_dax_write_iomap_ops', release: '6.0' },
    ],
    value: ({ version }) =>
      since(version, '5.5') ? 'xfs_direct_write_iomap_begin' : 'xfs_file_iomap_begin',
  }),
  dax_entries: eraSwitch({
    title: 'DAX keeps a locked entry in i_pages for every mapped page',
    changed: [
      { commit: 'dax: support dirty DAX entries in radix tree', release: '4.5' },
      { commit: 'dax: New fault locking', release: '4.7' },
    ],
    value: ({ version }) => since(version, '4.7'),
  }),
  dax_unlock_entry: eraSwitch({
    title: 'Name of the function that unlocks a DAX entry',
    changed: [{ commit: 'dax: Convert dax_insert_mapping_entry to XArray', release: '4.20' }],
    value: ({ version }) => since(version, '4.20'),
  }),
  dax_zero_page: eraSwitch({
    title: 'A read of a hole maps the zero page; before, a page of the page cache',
    changed: [{ commit: 'dax: use common 4k zero page for dax mmap reads', release: '4.14' }],
    value: ({ version }) => since(version, '4.14'),
  }),
  dax_pmd_with_pages: eraSwitch({
    title: 'DAX maps PMDs of memory with struct pages; before, only without them',
    changed: [
      { commit: 'dax: disable pmd mappings', release: '4.4' },
      { commit: 'mm, dax: dax-pmd vs thp-pmd vs hugetlbfs-pmd', release: '4.5' },
    ],
    value: ({ version }) => since(version, '4.5'),
  }),
  huge_fault: eraSwitch({
    title: 'Mappings have a huge_fault for every size, PUDs too; before, a pmd_fault',
    changed: [{ commit: 'mm,fs,dax: change ->pmd_fault to ->huge_fault', release: '4.11' }],
    value: ({ version }) => since(version, '4.11'),
  }),
  dax_pte: eraSwitch({
    title: 'How a PTE of a DAX page looks: special, devmap, or an ordinary page that counts',
    changed: [
      { commit: 'mm, dax, gpu: convert vm_insert_mixed to pfn_t', release: '4.5' },
      { commit: 'fs/dax: properly refcount fs dax pages', release: '6.15' },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return 'page';
      return since(version, '4.5') ? 'devmap' : 'special';
    },
  }),
  dax_insert_pte: eraSwitch({
    title: 'Name of the function that puts a DAX page into a PTE',
    changed: [
      { commit: 'mm: convert insert_pfn() to vm_fault_t', release: '4.20' },
      { commit: 'mm: allow compound zone device pages', release: '6.15' },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return 'vmf_insert_page_mkwrite';
      return since(version, '4.20') ? 'vmf_insert_mixed' : 'vm_insert_mixed';
    },
  }),
  dax_vma_mixedmap: eraSwitch({
    title: 'Mappings of DAX files are VM_MIXEDMAP',
    changed: [{ commit: 'dax: remove VM_MIXEDMAP for fsdax and device dax', release: '4.19' }],
    value: ({ version }) => !since(version, '4.19'),
  }),
  dax_mkwrite: eraSwitch({
    title:
      'A write fault puts the DAX page in writable and dirty at once, by a function of its own',
    changed: [{ commit: 'mm: add vm_insert_mixed_mkwrite()', release: '4.14' }],
    value: ({ version }) => since(version, '4.14'),
  }),
  dax_association: eraSwitch({
    title: 'What a DAX page knows of its file: nothing, page->mapping, its index too, or a folio',
    changed: [
      {
        commit: 'fs, dax: use page->mapping to warn if truncate collides with a busy page',
        release: '4.17',
      },
      { commit: 'filesystem-dax: Set page->index', release: '4.19' },
      { commit: 'fs/dax: properly refcount fs dax pages', release: '6.15' },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return 'folio';
      if (since(version, '4.19')) return 'index';
      return since(version, '4.17') ? 'mapping' : 'none';
    },
  }),
  dax_reflink: eraSwitch({
    title: 'Files of XFS that are mapped directly may share blocks',
    changed: [
      { commit: 'xfs: support CoW in fsdax mode', release: '6.0' },
      { commit: 'xfs: remove restrictions for fsdax and reflink', release: '6.2' },
    ],
    value: ({ version }) => since(version, '6.2'),
  }),
  dax_busy: eraSwitch({
    title: 'A DAX page is busy at more than one reference, or at more references than mappings',
    changed: [
      { commit: 'mm, fs, dax: handle layout changes to pinned dax mappings', release: '4.18' },
      { commit: 'fs/dax: properly refcount fs dax pages', release: '6.15' },
    ],
    value: ({ version }) => (since(version, '6.15') ? 'refcount - mapcount' : 'page_ref_count > 1'),
  }),
  xfs_break_dax_layouts: eraSwitch({
    title: 'XFS waits for pinned DAX pages before it truncates or punches',
    changed: [
      { commit: 'xfs, dax: introduce xfs_break_dax_layouts()', release: '4.18' },
      {
        commit: 'fs/dax: create a common implementation to break DAX layouts',
        release: '6.15',
      },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return 'dax_break_layout';
      return since(version, '4.18') ? 'dax_layout_busy_page' : 'none';
    },
  }),
  ext4_break_layouts: eraSwitch({
    title: 'ext4 waits for pinned DAX pages before it truncates or punches',
    changed: [
      { commit: 'ext4: handle layout changes to pinned DAX mappings', release: '4.19' },
      {
        commit: 'fs/dax: create a common implementation to break DAX layouts',
        release: '6.15',
      },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return 'dax_break_layout';
      return since(version, '4.19') ? 'dax_layout_busy_page' : 'none';
    },
  }),
  dax_layout_busy_page_range: eraSwitch({
    title: 'The search for a busy page has a range',
    changed: [{ commit: 'dax: Create a range version of dax_layout_busy_page()', release: '5.10' }],
    value: ({ version }) => since(version, '5.10'),
  }),
  dax_break_layout_final: eraSwitch({
    title: 'The end of an inode waits for its pinned DAX pages',
    changed: [
      { commit: 'fs/dax: ensure all pages are idle prior to filesystem unmount', release: '6.15' },
    ],
    value: ({ version }) => since(version, '6.15'),
  }),
  mapping_invalidate_lock: eraSwitch({
    title: 'The lock that keeps faults out while blocks of a file go, per filesystem or common',
    changed: [
      { commit: 'ext4: fix races between page faults and hole punching', release: '4.5' },
      { commit: 'mm: Add functions to lock invalidate_lock for two mappings', release: '5.15' },
    ],
    value: ({ version }) => {
      if (since(version, '5.15')) return 'invalidate_lock';
      return since(version, '4.5') ? 'i_mmap_sem' : 'none';
    },
  }),
  map_sync: eraSwitch({
    title: 'MAP_SYNC: a write fault waits until the file system metadata is safe',
    changed: [{ commit: 'mm: define MAP_SYNC and VM_SYNC flags', release: '4.15' }],
    value: ({ version }) => since(version, '4.15'),
  }),
  dax_recovery_write: eraSwitch({
    title: 'A write to poisoned memory of a DAX file goes around the error and clears it',
    changed: [{ commit: 'pmem: implement pmem_recovery_write()', release: '5.19' }],
    value: ({ version }) => since(version, '5.19'),
  }),
  dax_holder: eraSwitch({
    title: 'A DAX device tells who holds it of a memory failure',
    changed: [{ commit: 'dax: introduce holder for dax_device', release: '6.0' }],
    value: ({ version }) => since(version, '6.0'),
  }),
  device_dax: eraSwitch({
    title: 'There are character devices for persistent memory',
    changed: [{ commit: '/dev/dax, pmem: direct access to persistent memory', release: '4.7' }],
    value: ({ version }) => since(version, '4.7'),
  }),
} as const;
