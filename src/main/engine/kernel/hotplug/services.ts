import { HOTPLUG_SERVICES } from '../../../../shared/plugins/services/hotplug.ts';
import { alloc_contig_range, free_contig_range } from './contig-range.ts';
import type { DeviceFacts } from '../device/model.ts';
import { driverServices, serve } from '../device/services.ts';
import {
  ClearPageDirty,
  ClearPageReserved,
  SetPageDirty,
  __ClearPageOffline,
  __SetPageOffline,
  page_ref_dec_and_test,
  page_ref_inc,
  pfn_to_online_page,
} from '../page/page-marks.ts';
import { leaf } from '../../core/world/operation.ts';
import { add_memory_driver_managed } from './add-memory.ts';
import {
  memory_group_register_dynamic,
  memory_group_register_static,
  memory_group_unregister,
} from './memory-group.ts';
import {
  register_memory_notifier,
  restore_online_page_callback,
  set_online_page_callback,
  unregister_memory_notifier,
} from './memory-notify.ts';
import { offline_and_remove_memory } from './offline-and-remove.ts';
import { generic_online_page } from './online-pages.ts';
import { adjust_managed_page_count } from './present-pages.ts';
import { remove_memory } from './remove-memory.ts';

const ours = (_args: unknown, { id }: DeviceFacts) => ({ device: id });

/** memory_block_size_bytes() once the kernel runs. */
const memory_block_size_bytes = leaf<Record<string, never>, bigint>(
  'memory_block_size_bytes',
  'arch/x86/mm/init_64.c:memory_block_size_bytes',
  (k) => BigInt(k.world.get('vars', 'memory_block_size')?.value ?? 0n),
);

/** Memory hotplug, as drivers that bring memory ask for it. */
export const hotplugServices = driverServices(HOTPLUG_SERVICES, {
  memory_block_size_bytes: serve(memory_block_size_bytes),
  add_memory_driver_managed: serve(add_memory_driver_managed, ({ merge, mgid, ...args }) => ({
    ...args,
    merged: merge,
    mgid: mgid ?? null,
  })),
  remove_memory: serve(remove_memory),
  offline_and_remove_memory: serve(offline_and_remove_memory),
  memory_group_register_static: serve(memory_group_register_static),
  memory_group_register_dynamic: serve(memory_group_register_dynamic),
  memory_group_unregister: serve(memory_group_unregister),
  register_memory_notifier: serve(register_memory_notifier, ({ priority }, { id }) => ({
    ...{ device: id, priority },
  })),
  unregister_memory_notifier: serve(unregister_memory_notifier, ours),
  set_online_page_callback: serve(set_online_page_callback, ours),
  restore_online_page_callback: serve(restore_online_page_callback, ours),
  generic_online_page: serve(generic_online_page),
  pfn_to_online_page: serve(pfn_to_online_page),
  alloc_contig_range: serve(alloc_contig_range),
  free_contig_range: serve(free_contig_range),
  adjust_managed_page_count: serve(adjust_managed_page_count),
  __SetPageOffline: serve(__SetPageOffline),
  __ClearPageOffline: serve(__ClearPageOffline),
  SetPageDirty: serve(SetPageDirty),
  ClearPageDirty: serve(ClearPageDirty),
  ClearPageReserved: serve(ClearPageReserved),
  page_ref_dec_and_test: serve(page_ref_dec_and_test),
  page_ref_inc: serve(page_ref_inc),
});
