import { eraSwitch } from './switch.ts';
import { since } from './version.ts';

/** Streaming DMA: what a failed mapping looks like, and what a mapping is asked of. */
export const dmaSwitches = {
  dma_map_sgtable: eraSwitch({
    title: 'dma_map_sgtable() exists; before, drivers call dma_map_sg() and look for 0',
    changed: [
      { commit: 'dma-mapping: add generic helpers for mapping sgtable objects', release: '5.8' },
    ],
    value: ({ version }) => since(version, '5.8'),
  }),
  dma_map_sg_errno: eraSwitch({
    title: 'What map_sg() of an implementation tells of its failure: an errno, or only 0',
    changed: [
      {
        commit: 'dma-mapping: allow map_sg() ops to return negative error codes',
        release: '5.15',
      },
    ],
    value: ({ version }) => since(version, '5.15'),
  }),
  dma_map_resource_of_pages: eraSwitch({
    title: 'What dma_map_resource does with a PFN that has a struct page',
    changed: [
      { commit: 'dma-mapping: add dma_{map,unmap}_resource', release: '4.9' },
      {
        commit: "dma-mapping: don't BUG when calling dma_map_resource on RAM",
        release: 'between 4.14 and 5.3',
      },
      {
        commit: 'dma-mapping: remove bogus test for pfn_valid from dma_map_resource',
        release: 'between 5.14 and 6.12',
      },
    ],
    value: ({ version }) => {
      if (!since(version, '4.9')) return 'absent';
      return since(version, '5.15') ? 'maps' : since(version, '5.0') ? 'warns' : 'BUG';
    },
  }),
  dma_map_phys: eraSwitch({
    title: 'dma_map_resource is dma_map_phys with DMA_ATTR_MMIO, and refuses a forced bounce',
    changed: [
      {
        commit: 'dma-mapping: convert dma_direct_*map_page to be phys_addr_t based',
        release: 'between 6.14 and 7.2',
      },
    ],
    value: ({ version }) => since(version, '6.18'),
  }),
  dma_addressing_limited: eraSwitch({
    title: 'dma_addressing_limited() compares the mask with what max_pfn asks for',
    changed: [
      {
        commit:
          'dma-direct: add dma_direct_get_required_mask; dma-mapping: add dma_addressing_limited',
        release: 'between 4.14 and 5.14',
      },
    ],
    value: ({ version }) => since(version, '5.3'),
  }),
} as const;
