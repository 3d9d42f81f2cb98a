import { eraSwitch } from './switch.ts';
import { since } from './version.ts';

/** libnvdimm: how namespaces with struct pages are laid out and checked. */
export const nvdimmSwitches = {
  nvdimm_pfn_by_subsection: eraSwitch({
    title: 'pmem namespaces map from sub-section to sub-section, without padding to sections',
    changed: [
      {
        commit: 'libnvdimm/pfn: Stop padding pmem namespaces to section alignment',
        release: '5.3',
      },
    ],
    value: ({ version }) => since(version, '5.3'),
  }),
  nvdimm_pfn_info_minor: eraSwitch({
    title:
      'Minor version of a new info block: 1 adds padding, 2 alignment, 3 says the padding is ' +
      'zeroed, 4 adds page size and struct page size',
    changed: [
      {
        commit: "libnvdimm, pmem: adjust for section collisions with 'System RAM'",
        release: '4.6',
      },
      {
        commit: 'libnvdimm, pfn: record the alignment in the info block',
        release: 'between 4.6 and 4.14',
      },
      {
        commit: 'libnvdimm/pfn: fix fsdax-mode namespace info-block zero-fields',
        release: '5.3',
      },
      {
        commit: 'libnvdimm/pfn_dev: Add page size and struct page size to pfn superblock',
        release: '5.4',
      },
    ],
    value: ({ version }) => {
      if (since(version, '5.4')) return 4;
      if (since(version, '5.3')) return 3;
      if (since(version, '4.14')) return 2;
      return since(version, '4.6') ? 1 : 0;
    },
  }),
  nvdimm_pfn_padded: eraSwitch({
    title: 'A namespace whose section holds other memory is cut to whole sections',
    changed: [
      {
        commit: "libnvdimm, pmem: adjust for section collisions with 'System RAM'",
        release: '4.6',
      },
      {
        commit: 'libnvdimm/pfn: Stop padding pmem namespaces to section alignment',
        release: '5.3',
      },
    ],
    value: ({ version }) => since(version, '4.6') && !since(version, '5.3'),
  }),
  nvdimm_pfn_pads_by_region: eraSwitch({
    title: 'Such other memory is RAM, or another region of persistent memory too',
    changed: [
      { commit: 'libnvdimm, pfn: Pad pfn namespaces relative to other regions', release: '5.0' },
    ],
    value: ({ version }) => since(version, '5.0'),
  }),
  nvdimm_pfn_map_dev: eraSwitch({
    title: 'A namespace can hold its own memmap (mode PMEM of the info block)',
    changed: [
      {
        commit: 'libnvdimm, pfn, pmem: allocate memmap array in persistent memory',
        release: '4.5',
      },
    ],
    value: ({ version }) => since(version, '4.5'),
  }),
  nvdimm_dax_devices: eraSwitch({
    title: 'Namespaces can be dax devices',
    changed: [{ commit: 'libnvdimm, dax: introduce device-dax infrastructure', release: '4.7' }],
    value: ({ version }) => since(version, '4.7'),
  }),
  nvdimm_dax_label_reserve: eraSwitch({
    title: 'Bytes a dax device keeps for labels of its own, after the info block',
    changed: [
      { commit: 'libnvdimm, dax: reserve space to store labels for device-dax', release: '4.9' },
      { commit: 'libnvdimm, pfn: Remove dax_label_reserve', release: '5.2' },
    ],
    value: ({ version }) => (since(version, '4.9') && !since(version, '5.2') ? 131072 : 0),
  }),
  nvdimm_pfn_unusable_errno: eraSwitch({
    title:
      'An info block that is there but cannot be used: -EOPNOTSUPP, which keeps the namespace from ' +
      'becoming raw, or the errno of each check',
    changed: [
      {
        commit: 'libnvdimm/pfn: Prevent raw mode fallback if pfn-infoblock valid',
        release: 'between 5.3 and 5.10',
      },
    ],
    value: ({ version }) => (since(version, '5.4') ? 'EOPNOTSUPP' : 'each'),
  }),
  pmem_poison_errno: eraSwitch({
    title: 'Direct access to a bad block of pmem: not looked at, -EIO or -EHWPOISON',
    changed: [
      { commit: 'libnvdimm, pmem: fail dax mappings of known bad blocks', release: '4.7' },
      { commit: 'dax: enable dax fault handler to report VM_FAULT_HWPOISON', release: '6.5' },
    ],
    value: ({ version }) => {
      if (since(version, '6.5')) return 'EHWPOISON';
      return since(version, '4.7') ? 'EIO' : 'none';
    },
  }),
  nvdimm_compat_align_checked: eraSwitch({
    title: 'Namespaces must start and end on multiples of memremap_compat_align()',
    changed: [{ commit: 'libnvdimm/namespace: Enforce memremap_compat_align()', release: '5.7' }],
    value: ({ version }) => since(version, '5.7'),
  }),
} as const;
