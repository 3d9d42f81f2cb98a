import { since, steps } from './switch.ts';
import { subject } from './subject.ts';

export const nvdimm = subject('libnvdimm: layout and checks of namespaces', {
  nvdimm_pfn_by_subsection: since('5.3', {
    title: 'pmem namespaces map from sub-section to sub-section, without padding to sections',
    commit: 'libnvdimm/pfn: Stop padding pmem namespaces to section alignment',
  }),
  nvdimm_pfn_info_minor: steps({
    title:
      'Minor version of a new info block: 1 adds padding, 2 alignment, 3 says the padding is zeroed, 4 adds page size and struct page size',
    first: 0,
    '4.6': { to: 1, commit: "libnvdimm, pmem: adjust for section collisions with 'System RAM'" },
    '4.14': {
      to: 2,
      commit: 'libnvdimm, pfn: record the alignment in the info block',
      between: ['4.6', '4.14'],
    },
    '5.3': { to: 3, commit: 'libnvdimm/pfn: fix fsdax-mode namespace info-block zero-fields' },
    '5.4': {
      to: 4,
      commit: 'libnvdimm/pfn_dev: Add page size and struct page size to pfn superblock',
    },
  }),
  nvdimm_pfn_padded: steps({
    title: 'A namespace whose section holds other memory is cut to whole sections',
    first: false,
    '4.6': {
      to: true,
      commit: "libnvdimm, pmem: adjust for section collisions with 'System RAM'",
    },
    '5.3': {
      to: false,
      commit: 'libnvdimm/pfn: Stop padding pmem namespaces to section alignment',
    },
  }),
  nvdimm_pfn_pads_by_region: since('5.0', {
    title: 'Such other memory is RAM, or another region of persistent memory too',
    commit: 'libnvdimm, pfn: Pad pfn namespaces relative to other regions',
  }),
  nvdimm_pfn_map_dev: since('4.5', {
    title: 'A namespace can hold its own memmap (mode PMEM of the info block)',
    commit: 'libnvdimm, pfn, pmem: allocate memmap array in persistent memory',
  }),
  nvdimm_dax_devices: since('4.7', {
    title: 'Namespaces can be dax devices',
    commit: 'libnvdimm, dax: introduce device-dax infrastructure',
  }),
  nvdimm_dax_label_reserve: steps({
    title: 'Bytes a dax device keeps for labels of its own, after the info block',
    first: 0,
    '4.9': { to: 131072, commit: 'libnvdimm, dax: reserve space to store labels for device-dax' },
    '5.2': { to: 0, commit: 'libnvdimm, pfn: Remove dax_label_reserve' },
  }),
  nvdimm_pfn_unusable_errno: steps({
    title:
      'An info block that is there but cannot be used: -EOPNOTSUPP, which keeps the namespace from becoming raw, or the errno of each check',
    first: 'each',
    '5.7': {
      to: 'EOPNOTSUPP',
      commit: 'libnvdimm/pfn: Prevent raw mode fallback if pfn-infoblock valid',
    },
  }),
  nvdimm_info_block_in_pages: since('5.2', {
    title:
      'The altmap of a namespace spares its info block in whole pages; before, none where a page has more than 8 KiB',
    commit: 'libnvdimm: Fix altmap reservation size calculation',
    between: ['4.16', '5.2'],
  }),
  nvdimm_pud_alignment: steps({
    title:
      'Namespaces can be aligned to a huge page by the PUD (HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD)',
    first: { x86_64: true, others: false },
    '6.12': {
      to: true,
      arch: ['ppc64'],
      commit: 'powerpc/book3s64/mm: Enable transparent pud hugepage',
      between: ['6.1', '6.12'],
    },
    '7.2': {
      to: true,
      arch: ['riscv64'],
      commit: 'arch/riscv/Kconfig selects HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD',
      untitled: true,
      between: ['6.12', '7.2'],
    },
  }),
  pmem_poison_errno: steps({
    title: 'Direct access to a bad block of pmem: not looked at, -EIO or -EHWPOISON',
    first: 'none',
    '4.7': { to: 'EIO', commit: 'libnvdimm, pmem: fail dax mappings of known bad blocks' },
    '6.5': {
      to: 'EHWPOISON',
      commit: 'dax: enable dax fault handler to report VM_FAULT_HWPOISON',
    },
  }),
  nvdimm_compat_align_checked: since('5.7', {
    title: 'Namespaces must start and end on multiples of memremap_compat_align()',
    commit: 'libnvdimm/namespace: Enforce memremap_compat_align()',
  }),
  virtio_pmem: since('5.3', {
    title: 'The driver of virtio-pmem devices exists, and DAX devices that are not synchronous',
    commit: ['virtio-pmem: Add virtio pmem driver', 'libnvdimm: add dax_dev sync flag'],
    between: ['4.19', '5.10'],
  }),
  virtio_pmem_checks_reset: since('6.12', {
    title: 'A flush fails at once where the virtio-pmem device asks to be reset',
    commit: 'virtio_pmem: Check device status before requesting flush',
    backports: ['6.11.4', '6.1.113', '5.10.227'],
  }),
  virtio_pmem_flush_lock: since('7.0', {
    title: 'Flushes of a virtio-pmem device go one after the other',
    commit: 'nvdimm: virtio_pmem: serialize flush requests',
    backports: ['6.12.75', '6.1.165', '5.10.252'],
    between: ['6.12', '7.2'],
  }),
});
