import { eraSwitch } from './switch.ts';
import { carries, since } from './version.ts';

export const hotplugSwitches = {
  offline_times_out: eraSwitch({
    title: 'Offlining gives up on pages that do not move after 120 seconds, not at a signal only',
    changed: [
      { commit: 'mm, memory_hotplug: do not fail offlining too early', release: '4.15' },
      { commit: 'mm, memory_hotplug: remove timeout from __offline_memory', release: '4.15' },
    ],
    value: ({ version }) => !since(version, '4.15'),
  }),
  subsection_hotplug: eraSwitch({
    title: 'Device memory is added in 2 MiB sub-sections instead of whole sections',
    changed: [{ commit: 'mm/sparsemem: support sub-section hotplug', release: '5.3' }],
    value: ({ version }) => since(version, '5.3'),
  }),
  device_memory_moves_max_pfn: eraSwitch({
    title: 'Memory added for a pagemap moves max_pfn, max_low_pfn and high_memory',
    changed: [
      {
        commit: 'x86/mm/init: Handle the special case of device private pages in add_pages()',
        release: '6.15, and in 6.14.9, 6.12.31, 6.6.93 and 6.1.141',
      },
    ],
    value: ({ version, arch }) =>
      arch !== 'x86_64' || !carries(version, '6.15', ['6.14.9', '6.12.31', '6.6.93', '6.1.141']),
  }),
  hotplug_needs_vmemmap: eraSwitch({
    title: 'MEMORY_HOTPLUG depends on SPARSEMEM_VMEMMAP, not on any SPARSEMEM',
    changed: [
      {
        commit: 'mm/Kconfig: make CONFIG_MEMORY_HOTPLUG depend on CONFIG_SPARSEMEM_VMEMMAP',
        release: '7.1',
      },
    ],
    value: ({ version }) => since(version, '7.1'),
  }),
  online_shifts_boundary: eraSwitch({
    title: 'Going online keeps the zone of the pages, or moves the Normal/Movable boundary',
    changed: [
      {
        commit: 'memory-hotplug: more general validation of zone during online',
        release: '4.8',
      },
    ],
    value: ({ version }) => !since(version, '4.8'),
  }),
  zone_can_shift_fails: eraSwitch({
    title: 'online_kernel and online_movable fail where the zone boundary cannot move',
    changed: [
      {
        commit: 'memory_hotplug: make zone_can_shift() return a boolean value',
        release: '4.10',
      },
    ],
    value: ({ version }) => since(version, '4.10'),
  }),
  zone_chosen_at_online: eraSwitch({
    title: 'Hot-added memory gets its zone when it goes online, not when it is added',
    changed: [
      {
        commit: 'mm, memory_hotplug: do not associate hotadded memory to zones until online',
        release: '4.13',
      },
    ],
    value: ({ version }) => since(version, '4.13'),
  }),
  hotplug_page_offline: eraSwitch({
    title: 'Pages that are not online yet have the page type offline instead of PG_reserved',
    changed: [
      {
        commit:
          'mm/memory_hotplug: initialize memmap of !ZONE_DEVICE with PageOffline() instead of PageReserved()',
        release: '6.11',
      },
    ],
    value: ({ version }) => since(version, '6.11'),
  }),
  zone_shrinks_at_offline: eraSwitch({
    title: 'A zone shrinks when its memory goes offline, not when it is removed',
    changed: [
      {
        commit: 'mm/memory_hotplug: shrink zones when offlining memory',
        release: '5.5, and in the stable series of 5.4',
      },
    ],
    value: ({ version }) => since(version, '5.4'),
  }),
  auto_online_types: eraSwitch({
    title: 'Values of memhp_default_state= and auto_online_blocks',
    changed: [
      {
        commit: 'memory-hotplug: add automatic onlining policy for the newly added memory',
        release: '4.6',
      },
      {
        commit: 'mm/memory_hotplug: allow to specify a default online_type',
        release: '5.7',
      },
    ],
    value: ({ version }) =>
      since(version, '5.7')
        ? 'offline online online_kernel online_movable'
        : since(version, '4.6')
          ? 'offline online'
          : '',
  }),
  driver_managed_memory: eraSwitch({
    title: 'Drivers can add RAM under a name of their own',
    changed: [
      {
        commit: 'mm/memory_hotplug: introduce add_memory_driver_managed()',
        release: '5.8',
      },
    ],
    value: ({ version }) => since(version, '5.8'),
  }),
  kmem_truncation_logged: eraSwitch({
    title: 'The kmem driver says how much of a DAX range its memory blocks leave out',
    changed: [
      {
        commit: 'drivers/dax/kmem.c prints "DAX region truncated by ... due to alignment"',
        release: 'between 6.12 and 6.18',
      },
    ],
    value: ({ version }) => since(version, '6.13'),
  }),
  memmap_on_memory: eraSwitch({
    title: 'Hot-added memory can hold its own memmap: no, of one block only, or of every block',
    changed: [
      {
        commit: 'mm,memory_hotplug: allocate memmap from the added memory range',
        release: '5.13',
      },
      {
        commit: 'mm/memory_hotplug: split memmap_on_memory requests across memblocks',
        release: '6.8',
      },
      { commit: 'powerpc/book3s64/memhotplug: enable memmap on memory for radix', release: '6.6' },
      { commit: 's390: enable MHP_MEMMAP_ON_MEMORY', release: '6.8' },
      { commit: 'riscv: Enable memory hotplugging for RISC-V', release: '6.11' },
    ],
    value: ({ version, arch }) => {
      const since_arch: Readonly<Record<string, string>> = {
        x86_64: '5.13',
        arm64: '5.13',
        ppc64: '6.6',
        s390x: '6.8',
        riscv64: '6.11',
      };
      const first = since_arch[arch];
      if (first === undefined || !since(version, first)) return 'no';
      return since(version, '6.8') ? 'every block' : 'one block';
    },
  }),
  memmap_on_memory_force: eraSwitch({
    title: 'memory_hotplug.memmap_on_memory=force rounds the memmap up to whole pageblocks',
    changed: [
      {
        commit:
          'mm/memory_hotplug: support memmap_on_memory when memmap is not aligned to pageblocks',
        release: '6.6',
      },
    ],
    value: ({ version }) => since(version, '6.6'),
  }),
  kmem_group_in_bytes: eraSwitch({
    title: 'The kmem driver gives the size of its memory group in bytes, not in pages',
    changed: [
      {
        commit: 'dax/kmem: use a single static memory group for a single probed unit',
        release: '5.15',
      },
      {
        commit: 'dax/kmem: Pass valid argument to memory_group_register_static',
        release: '6.5, and in the stable series of 2023',
      },
    ],
    value: ({ version }) => since(version, '5.15') && !carries(version, '6.5', ['6.1.39', '6.4.4']),
  }),
  removable_says_built: eraSwitch({
    title:
      'memoryN/removable says whether memory can go offline at all, not whether this block might',
    changed: [
      {
        commit: 'drivers/base/memory.c: indicate all memory blocks as removable',
        release: '5.6',
      },
    ],
    value: ({ version }) => since(version, '5.6'),
  }),
  online_policy: eraSwitch({
    title: 'memory_hotplug.online_policy=auto-movable is known',
    changed: [
      {
        commit: 'mm/memory_hotplug: introduce "auto-movable" online policy',
        release: '5.15',
      },
    ],
    value: ({ version }) => since(version, '5.15'),
  }),
} as const;
