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
    title: 'Minor version of a new info block; 4 records page size and struct page size',
    changed: [
      {
        commit: 'libnvdimm/pfn_dev: Add page size and struct page size to pfn superblock',
        release: '5.4',
      },
    ],
    value: ({ version }) => (since(version, '5.4') ? 4 : 3),
  }),
  nvdimm_compat_align_checked: eraSwitch({
    title: 'Namespaces must start and end on multiples of memremap_compat_align()',
    changed: [{ commit: 'libnvdimm/namespace: Enforce memremap_compat_align()', release: '5.7' }],
    value: ({ version }) => since(version, '5.7'),
  }),
} as const;
