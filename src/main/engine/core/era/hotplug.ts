import { since, steps, until } from './switch.ts';
import { subject } from './subject.ts';

export const hotplug = subject('Memory hotplug: adding, onlining, offlining, removing', {
  register_one_node: steps({
    title: 'Name of the function that makes the directory of a node in sysfs',
    first: 'register_one_node',
    '7.2': {
      to: 'register_node',
      commit: 'register_node() does what register_one_node() did',
      between: ['6.12', '7.2'],
      untitled: true,
    },
  }),
  offline_times_out: until('4.15', {
    title: 'Offlining gives up on pages that do not move after 120 seconds, not at a signal only',
    commit: [
      'mm, memory_hotplug: do not fail offlining too early',
      'mm, memory_hotplug: remove timeout from __offline_memory',
    ],
  }),
  subsection_hotplug: since('5.3', {
    title: 'Device memory is added in 2 MiB sub-sections instead of whole sections',
    commit: 'mm/sparsemem: support sub-section hotplug',
  }),
  device_memory_moves_max_pfn: steps({
    title: 'Memory added for a pagemap moves max_pfn, max_low_pfn and high_memory',
    first: true,
    '6.15': {
      to: false,
      arch: ['x86_64'],
      commit: 'x86/mm/init: Handle the special case of device private pages in add_pages()',
      backports: ['6.14.9', '6.12.31', '6.6.93', '6.1.141'],
    },
  }),
  hotplug_needs_vmemmap: since('7.1', {
    title: 'MEMORY_HOTPLUG depends on SPARSEMEM_VMEMMAP, not on any SPARSEMEM',
    commit: 'mm/Kconfig: make CONFIG_MEMORY_HOTPLUG depend on CONFIG_SPARSEMEM_VMEMMAP',
  }),
  online_shifts_boundary: until('4.8', {
    title: 'Going online keeps the zone of the pages, or moves the Normal/Movable boundary',
    commit: 'memory-hotplug: more general validation of zone during online',
  }),
  zone_can_shift_fails: since('4.10', {
    title: 'online_kernel and online_movable fail where the zone boundary cannot move',
    commit: 'memory_hotplug: make zone_can_shift() return a boolean value',
  }),
  zone_chosen_at_online: since('4.13', {
    title: 'Hot-added memory gets its zone when it goes online, not when it is added',
    commit: 'mm, memory_hotplug: do not associate hotadded memory to zones until online',
  }),
  hotplug_page_offline: since('6.11', {
    title: 'Pages that are not online yet have the page type offline instead of PG_reserved',
    commit:
      'mm/memory_hotplug: initialize memmap of !ZONE_DEVICE with PageOffline() instead of PageReserved()',
  }),
  zone_shrinks_at_offline: since('5.5', {
    title: 'A zone shrinks when its memory goes offline, not when it is removed',
    commit: 'mm/memory_hotplug: shrink zones when offlining memory',
    backports: ['5.4.9'],
  }),
  auto_online_types: steps({
    title: 'Values of memhp_default_state= and auto_online_blocks',
    first: '',
    '4.6': {
      to: 'offline online',
      commit: 'memory-hotplug: add automatic onlining policy for the newly added memory',
    },
    '5.7': {
      to: 'offline online online_kernel online_movable',
      commit: 'mm/memory_hotplug: allow to specify a default online_type',
    },
  }),
  driver_managed_memory: since('5.8', {
    title: 'Drivers can add RAM under a name of their own',
    commit: 'mm/memory_hotplug: introduce add_memory_driver_managed()',
  }),
  system_ram_merged: since('5.10', {
    title: 'Resources of memory that a driver adds piece by piece join into one',
    commit: 'mm/memory_hotplug: MEMHP_MERGE_RESOURCE to specify merging of System RAM resources',
    between: ['4.19', '5.10'],
  }),
  virtio_mem: since('5.8', {
    title: 'The driver of virtio-mem devices exists',
    commit: 'virtio-mem: Paravirtualized memory hotplug',
    between: ['4.19', '5.10'],
  }),
  virtio_mem_big_blocks: since('5.11', {
    title:
      'virtio-mem takes device blocks larger than memory blocks, and limits offline memory in bytes',
    commit: 'virtio-mem: Big Block Mode (BBM) memory hotplug',
    between: ['5.10', '6.1'],
  }),
  virtio_mem_movable_first: since('5.16', {
    title: 'virtio-mem unplugs ZONE_MOVABLE before kernel zones',
    commit: 'virtio-mem: prioritize unplug from ZONE_MOVABLE in Sub Block Mode',
    between: ['5.10', '6.1'],
  }),
  virtio_mem_pageblock_subblocks: since('5.19', {
    title: 'Sub-blocks of virtio-mem are as large as a pageblock, not as the largest free block',
    commit: 'drivers: virtio_mem: use pageblock size as the minimum virtio_mem size.',
    between: ['5.10', '6.1'],
  }),
  virtio_mem_retries_removal: since('6.6', {
    title: 'virtio-mem keeps trying to remove memory blocks whose sub-blocks are all unplugged',
    commit:
      'virtio-mem: keep retrying on offline_and_remove_memory() errors in Sub Block Mode (SBM)',
    between: ['6.1', '6.12'],
  }),
  kmem_memmap_on_memory: since('6.8', {
    title: 'Memory of a DAX device may hold its own memmap',
    commit: 'dax/kmem: allow kmem to add memory with memmap_on_memory',
  }),
  kmem_truncation_logged: since('6.16', {
    title: 'The kmem driver says how much of a DAX range its memory blocks leave out',
    commit: 'DAX: warn when kmem regions are truncated for memory block alignment',
    between: ['6.12', '6.18'],
  }),
  memmap_on_memory: steps({
    title: 'Hot-added memory can hold its own memmap: no, of one block only, or of every block',
    first: 'no',
    '5.13': {
      to: 'one block',
      arch: ['x86_64', 'arm64'],
      commit: 'mm,memory_hotplug: allocate memmap from the added memory range',
    },
    '6.6': {
      to: 'one block',
      arch: ['ppc64'],
      commit: 'powerpc/book3s64/memhotplug: enable memmap on memory for radix',
    },
    '6.8': [
      {
        to: 'every block',
        arch: ['x86_64', 'arm64', 'ppc64'],
        commit: 'mm/memory_hotplug: split memmap_on_memory requests across memblocks',
      },
      {
        to: 'every block',
        arch: ['s390x'],
        commit: 's390: enable MHP_MEMMAP_ON_MEMORY',
      },
    ],
    '6.11': {
      to: 'every block',
      arch: ['riscv64'],
      commit: 'riscv: Enable memory hotplugging for RISC-V',
    },
  }),
  memmap_on_memory_force: since('6.6', {
    title: 'memory_hotplug.memmap_on_memory=force rounds the memmap up to whole pageblocks',
    commit: 'mm/memory_hotplug: support memmap_on_memory when memmap is not aligned to pageblocks',
  }),
  kmem_group_in_bytes: steps({
    title: 'The kmem driver gives the size of its memory group in bytes, not in pages',
    first: false,
    '5.15': {
      to: true,
      commit: 'dax/kmem: use a single static memory group for a single probed unit',
    },
    '6.5': {
      to: false,
      commit: 'dax/kmem: Pass valid argument to memory_group_register_static',
      backports: ['6.1.39', '6.4.4'],
    },
  }),
  removable_says_built: since('5.6', {
    title:
      'memoryN/removable says whether memory can go offline at all, not whether this block might',
    commit: 'drivers/base/memory.c: indicate all memory blocks as removable',
    backports: ['5.5.14'],
  }),
  online_policy: since('5.15', {
    title: 'memory_hotplug.online_policy=auto-movable is known',
    commit: 'mm/memory_hotplug: introduce "auto-movable" online policy',
  }),
});
