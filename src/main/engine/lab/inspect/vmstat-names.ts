import { since, type KernelVersion } from '../../core/era/version.ts';

/** Counters that /proc/zoneinfo lists, in order (mm/vmstat.c:vmstat_text). */
export interface VmstatNames {
  /** Per node; none before 4.8, when they were per zone. */
  readonly node: readonly string[];
  readonly zone: readonly string[];
}

function list(text: string): string[] {
  return text.split(' ');
}

const NUMA = 'numa_hit numa_miss numa_foreign numa_interleave numa_local numa_other';

const NODE_5 =
  'nr_inactive_anon nr_active_anon nr_inactive_file nr_active_file nr_unevictable nr_slab_reclaimable nr_slab_unreclaimable nr_isolated_anon nr_isolated_file workingset_nodes workingset_refault_anon workingset_refault_file workingset_activate_anon workingset_activate_file workingset_restore_anon workingset_restore_file workingset_nodereclaim nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback nr_writeback_temp nr_shmem nr_shmem_hugepages nr_shmem_pmdmapped nr_file_hugepages nr_file_pmdmapped nr_anon_transparent_hugepages nr_vmscan_write nr_vmscan_immediate_reclaim nr_dirtied nr_written';
const NODE_TAIL =
  'nr_kernel_misc_reclaimable nr_foll_pin_acquired nr_foll_pin_released nr_kernel_stack nr_page_table_pages';

const NODE_6_18 =
  'nr_inactive_anon nr_active_anon nr_inactive_file nr_active_file nr_unevictable nr_slab_reclaimable nr_slab_unreclaimable nr_isolated_anon nr_isolated_file workingset_nodes workingset_refault_anon workingset_refault_file workingset_activate_anon workingset_activate_file workingset_restore_anon workingset_restore_file workingset_nodereclaim nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback nr_shmem nr_shmem_hugepages nr_shmem_pmdmapped nr_file_hugepages nr_file_pmdmapped nr_anon_transparent_hugepages nr_vmscan_write nr_vmscan_immediate_reclaim nr_dirtied nr_written nr_throttled_written nr_kernel_misc_reclaimable nr_foll_pin_acquired nr_foll_pin_released nr_kernel_stack nr_page_table_pages nr_sec_page_table_pages nr_iommu_pages nr_swapcached pgpromote_success pgpromote_candidate pgpromote_candidate_nrl pgdemote_kswapd pgdemote_direct pgdemote_khugepaged pgdemote_proactive nr_hugetlb nr_balloon_pages nr_kernel_file_pages';

const ZONE_4_14 =
  'nr_free_pages nr_zone_inactive_anon nr_zone_active_anon nr_zone_inactive_file nr_zone_active_file nr_zone_unevictable nr_zone_write_pending nr_mlock nr_page_table_pages nr_kernel_stack nr_bounce nr_zspages nr_free_cma';
const ZONE_5 =
  'nr_free_pages nr_zone_inactive_anon nr_zone_active_anon nr_zone_inactive_file nr_zone_active_file nr_zone_unevictable nr_zone_write_pending nr_mlock nr_bounce nr_zspages nr_free_cma';

const NODE_4_14 =
  'nr_inactive_anon nr_active_anon nr_inactive_file nr_active_file nr_unevictable nr_slab_reclaimable nr_slab_unreclaimable nr_isolated_anon nr_isolated_file workingset_refault workingset_activate workingset_nodereclaim nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback nr_writeback_temp nr_shmem nr_shmem_hugepages nr_shmem_pmdmapped nr_anon_transparent_hugepages nr_unstable nr_vmscan_write nr_vmscan_immediate_reclaim nr_dirtied nr_written';

const ZONE_4_3 =
  'nr_free_pages nr_alloc_batch nr_inactive_anon nr_active_anon nr_inactive_file nr_active_file nr_unevictable nr_mlock nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback nr_slab_reclaimable nr_slab_unreclaimable nr_page_table_pages nr_kernel_stack nr_unstable nr_bounce nr_vmscan_write nr_vmscan_immediate_reclaim nr_writeback_temp nr_isolated_anon nr_isolated_file nr_shmem nr_dirtied nr_written nr_pages_scanned';

/**
 * The lists of the newest modelled kernel not above `version`. Those of 6.1, 6.12 and 6.18 are as
 * such kernels printed them; 7.2 is taken to list what 6.18 does.
 */
export function vmstatNames(version: KernelVersion): VmstatNames {
  if (since(version, '6.18')) {
    return {
      node: list(NODE_6_18),
      zone: list(
        `nr_free_pages nr_free_pages_blocks nr_zone_inactive_anon nr_zone_active_anon nr_zone_inactive_file nr_zone_active_file nr_zone_unevictable nr_zone_write_pending nr_mlock nr_zspages nr_free_cma nr_unaccepted ${NUMA}`,
      ),
    };
  }
  if (since(version, '6.12')) {
    return {
      node: list(
        `${NODE_5} nr_throttled_written ${NODE_TAIL} nr_sec_page_table_pages nr_iommu_pages nr_swapcached pgpromote_success pgpromote_candidate pgdemote_kswapd pgdemote_direct pgdemote_khugepaged`,
      ),
      zone: list(`${ZONE_5} nr_unaccepted ${NUMA}`),
    };
  }
  if (since(version, '6.1')) {
    return {
      node: list(
        `${NODE_5} nr_throttled_written ${NODE_TAIL} nr_sec_page_table_pages nr_swapcached pgpromote_success pgpromote_candidate`,
      ),
      zone: list(`${ZONE_5} ${NUMA}`),
    };
  }
  if (since(version, '5.14')) {
    const throttled = since(version, '5.16') ? ' nr_throttled_written' : '';
    const promote = since(version, '5.18') ? ' pgpromote_success' : '';
    const secondary = since(version, '6.1') ? ' nr_sec_page_table_pages' : '';
    return {
      node: list(`${NODE_5}${throttled} ${NODE_TAIL}${secondary} nr_swapcached${promote}`),
      zone: list(`${ZONE_5} ${NUMA}`),
    };
  }
  if (since(version, '4.14')) return { node: list(NODE_4_14), zone: list(`${ZONE_4_14} ${NUMA}`) };
  return {
    node: [],
    zone: list(
      `${ZONE_4_3} ${NUMA} workingset_refault workingset_activate workingset_nodereclaim nr_anon_transparent_hugepages nr_free_cma`,
    ),
  };
}
