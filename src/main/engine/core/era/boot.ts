import { eraSwitch } from './switch.ts';
import { carries, since } from './version.ts';

/** How the boot reads the firmware's map and the NUMA tables. */
export const bootSwitches = {
  pram_counts_as_ram: eraSwitch({
    title: 'E820_TYPE_PRAM (memmap=nn!ss) counts for max_pfn',
    changed: [
      {
        commit: 'x86/mm: Add support for the non-standard protected e820 type',
        release: '4.1',
      },
      {
        commit: 'x86/boot: Fix kdump, cleanup aborted E820_PRAM max_pfn manipulation',
        release: '4.10',
      },
    ],
    value: ({ version }) => since(version, '4.1') && !since(version, '4.10'),
  }),
  e820_log_gaps: eraSwitch({
    title: 'The log of the memory map shows gaps, and says "System RAM" and "device reserved"',
    changed: [
      {
        commit: 'x86/boot/e820: Print gaps in the E820 table',
        release: 'between 6.18 and 7.2',
      },
    ],
    value: ({ version }) => since(version, '7.0'),
  }),
  soft_reserved: eraSwitch({
    title: 'Specific-purpose memory has an e820 type of its own, and is reserved in memblock',
    changed: [{ commit: 'x86/efi: EFI soft reservation to E820 enumeration', release: '5.5' }],
    value: ({ version }) => since(version, '5.5'),
  }),
  low_1m_reserved: eraSwitch({
    title: 'All of the first MiB is kept from the page allocator',
    changed: [{ commit: 'x86/setup: Always reserve the first 1M of RAM', release: '5.13' }],
    value: ({ version }) => since(version, '5.13'),
  }),
  early_reserve_memory: eraSwitch({
    title: 'Early reservations are made in one place, before memblock gets the memory',
    changed: [{ commit: 'x86/setup: Consolidate early memory reservations', release: '5.13' }],
    value: ({ version }) => since(version, '5.13'),
  }),
  acpi_tables_in_memblock: eraSwitch({
    title: 'Memory of the ACPI tables is reserved in memblock before it is used',
    changed: [
      {
        commit: 'ACPI: tables: x86: Reserve memory occupied by ACPI tables',
        release: '5.12',
      },
    ],
    value: ({ version }) => since(version, '5.12'),
  }),
  numa_meminfo_low: eraSwitch({
    title: 'Node ranges are cut at the start of DRAM instead of 0',
    changed: [
      {
        commit: 'mm: numa_memblks: use memblock_{start,end}_of_DRAM() when sanitizing meminfo',
        release: '6.12',
      },
    ],
    value: ({ version }) => since(version, '6.12'),
  }),
  numa_reserved_meminfo: eraSwitch({
    title: 'Node ranges without RAM are kept in numa_reserved_meminfo',
    changed: [
      { commit: 'x86/NUMA: Provide a range-to-target_node lookup facility', release: '5.7' },
    ],
    value: ({ version }) => since(version, '5.7'),
  }),
  numa_node_min_size: eraSwitch({
    title: 'Nodes with less than this many bytes are not brought up',
    changed: [
      {
        commit: 'x86/mm: Drop the 4 MB restriction on minimal NUMA node memory size',
        release: '6.7, and in 6.6.3, 6.1.64 and 5.15.140',
      },
    ],
    value: ({ version }) =>
      carries(version, '6.7', ['6.6.3', '6.1.64', '5.15.140']) ? 0 : 4 << 20,
  }),
  offline_node_data: eraSwitch({
    title: 'Possible nodes that are offline have their pg_data_t from the boot on',
    changed: [{ commit: 'mm: handle uninitialized numa nodes gracefully', release: '5.18' }],
    value: ({ version }) => since(version, '5.18'),
  }),
  max_possible_pfn: eraSwitch({
    title: 'max_possible_pfn tells how far SRAT says memory may be added',
    changed: [{ commit: 'x86/mm: Introduce max_possible_pfn', release: '4.5' }],
    value: ({ version }) => since(version, '4.5'),
  }),
  memmap_type_change: eraSwitch({
    title: 'memmap=size%start-from+to changes types in place',
    changed: [
      {
        commit: 'x86/e820: Implement a range manipulation operator',
        release: '4.17',
      },
    ],
    value: ({ version }) => since(version, '4.17'),
  }),
  e820_function_names: eraSwitch({
    title: 'Functions of the e820 table are named e820__*',
    changed: [
      {
        commit:
          'x86/boot/e820: Rename e820_any_mapped()/e820_all_mapped() to e820__mapped_any()/e820__mapped_all()',
        release: '4.12',
      },
    ],
    value: ({ version }) => since(version, '4.12'),
  }),
} as const;
