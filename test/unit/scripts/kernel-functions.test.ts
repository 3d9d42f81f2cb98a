import { describe, expect, it } from 'vitest';
import { kernelFunctions, sharedNames } from '../../../scripts/kernel-functions.mjs';

/** One function of an older kernel became several, which are modelled; in its time each has its name. */
const PARTED_LATER = [
  '__rmqueue_fallback', // __rmqueue_claim() and __rmqueue_steal()
  'copy_one_pte', // copy_present_pte() and copy_nonpresent_pte()
  'devm_memremap_pages', // memremap_pages() and the devres wrapper around it
  'devm_memremap_pages_release', // memunmap_pages() and the same
  'dma_map_sg', // dma_map_sgtable() takes its table apart
  'get_page', // folio_get()
  'hmm_devmem_add', // request_free_mem_region() was a loop inside it
  'hmm_devmem_pages_create',
  'hmm_devmem_release',
  'memory_failure_dev_pagemap', // mf_generic_kill_procs()
  'migrate_vma_unmap', // migrate_device_unmap()
  'mm_init', // static in init/main.c, and in kernel/fork.c
  'put_page', // folio_put(), gup_put_folio()
  'region_intersects', // get_free_mem_region()'s own search
  'release_pages', // unpin_user_pages()
  'split_huge_page', // migrate_vma_split_folio()
  'sparse_memory_present_with_active_regions', // memblocks_present()
  'sparse_mem_map_populate', // one of sparsemem, one of its virtual memmap
];

/** The scanner sees every value of two switches together; no kernel has those. */
const NEVER_TOGETHER = [
  'dma_direct_map_page',
  'dma_direct_map_phys',
  'dma_direct_map_resource',
  'memory_block_size_bytes',
  'vm_insert_mixed',
  'vmf_insert_mixed',
  'vmf_insert_page_mkwrite',
];

describe('modelled kernel functions', () => {
  it('have one definition of their name each, twins in several files of the kernel aside', () => {
    const known = [...PARTED_LATER, ...NEVER_TOGETHER];
    expect(
      [...sharedNames(kernelFunctions()).keys()].filter((name) => !known.includes(name)),
    ).toEqual([]);
  });

  it.each([
    [['mm/a.c:f', 'mm/a.c:f'], ['f']],
    [['arch/x86/mm/a.c:f', 'arch/arm64/mm/a.c:f'], []],
    [['mm/a.c:f', 'mm/b.c:g'], ['f']],
  ])('of the sources %j share the names %j', (sources, shared) => {
    const all = sources.map((source) => ({
      names: ['f'],
      binding: 'f',
      source,
      file: 'a.ts',
      line: 1,
    }));
    expect([...sharedNames(all).keys()]).toEqual(shared);
  });
});
