import { since, steps } from './switch.ts';
import { subject } from './subject.ts';

export const dma = subject('Streaming DMA: mappings, and how they fail', {
  dma_map_sgtable: since('5.8', {
    title: 'dma_map_sgtable() exists; before, drivers call dma_map_sg() and look for 0',
    commit: 'dma-mapping: add generic helpers for mapping sgtable objects',
  }),
  dma_map_sg_errno: since('5.15', {
    title: 'What map_sg() of an implementation tells of its failure: an errno, or only 0',
    commit: 'dma-mapping: allow map_sg() ops to return negative error codes',
  }),
  dma_map_resource_of_pages: steps({
    title: 'What dma_map_resource does with a PFN that has a struct page',
    first: 'absent',
    '4.9': { to: 'BUG', commit: 'dma-mapping: add dma_{map,unmap}_resource' },
    '5.0': {
      to: 'warns',
      commit: "dma-mapping: don't BUG when calling dma_map_resource on RAM",
      between: ['4.14', '5.3'],
    },
    '5.16': {
      to: 'maps',
      commit: 'dma-mapping: remove bogus test for pfn_valid from dma_map_resource',
    },
  }),
  dma_map_phys: since('6.18', {
    title: 'dma_map_resource is dma_map_phys with DMA_ATTR_MMIO, and refuses a forced bounce',
    commit: 'dma-mapping: convert dma_direct_*map_page to be phys_addr_t based',
  }),
  dma_addressing_limited: since('5.3', {
    title: 'dma_addressing_limited() compares the mask with what max_pfn asks for',
    commit: 'dma-mapping: add a dma_addressing_limited helper',
  }),
});
