import { since, steps } from './switch.ts';
import { subject } from './subject.ts';

export const boot = subject("How the boot reads the firmware's map and the NUMA tables", {
  pram_counts_as_ram: steps({
    title: 'E820_TYPE_PRAM (memmap=nn!ss) counts for max_pfn',
    first: false,
    '4.1': { to: true, commit: 'x86/mm: Add support for the non-standard protected e820 type' },
    '4.10': {
      to: false,
      commit: 'x86/boot: Fix kdump, cleanup aborted E820_PRAM max_pfn manipulation',
    },
  }),
  acpi_numa_memory_affinity_init: steps({
    title: 'Name of the function that takes a range of the SRAT',
    first: 'acpi_numa_memory_affinity_init',
    '6.11': {
      to: 'acpi_parse_memory_affinity',
      commit: 'acpi_parse_memory_affinity() does what acpi_numa_memory_affinity_init() did',
      between: ['6.1', '6.12'],
      untitled: true,
    },
  }),
  numa_meminfo_cover_memory: steps({
    title: 'Name of the function that asks whether the NUMA tables cover memory',
    first: 'numa_meminfo_cover_memory',
    '6.8': {
      to: 'memblock_validate_numa_coverage',
      commit: 'memblock_validate_numa_coverage() in place of numa_meminfo_cover_memory()',
      between: ['6.1', '6.12'],
      untitled: true,
    },
  }),
  e820_log_gaps: since('7.0', {
    title: 'The log of the memory map shows gaps, and says "System RAM" and "device reserved"',
    commit: 'x86/boot/e820: Print gaps in the E820 table',
    between: ['6.18', '7.2'],
  }),
  soft_reserved: since('5.5', {
    title: 'Specific-purpose memory has an e820 type of its own, and is reserved in memblock',
    commit: 'x86/efi: EFI soft reservation to E820 enumeration',
  }),
  low_1m_reserved: since('5.13', {
    title: 'All of the first MiB is kept from the page allocator',
    commit: 'x86/setup: Always reserve the first 1M of RAM',
  }),
  early_reserve_memory: since('5.13', {
    title: 'Early reservations are made in one place, before memblock gets the memory',
    commit: 'x86/setup: Consolidate early memory reservations',
  }),
  acpi_tables_in_memblock: since('5.12', {
    title: 'Memory of the ACPI tables is reserved in memblock before it is used',
    commit: 'ACPI: tables: x86: Reserve memory occupied by ACPI tables',
    backports: ['5.10.28'],
  }),
  numa_meminfo_low: since('6.12', {
    title: 'Node ranges are cut at the start of DRAM instead of 0',
    commit: 'mm: numa_memblks: use memblock_{start,end}_of_DRAM() when sanitizing meminfo',
  }),
  numa_reserved_meminfo: since('5.7', {
    title: 'Node ranges without RAM are kept in numa_reserved_meminfo',
    commit: 'x86/NUMA: Provide a range-to-target_node lookup facility',
  }),
  numa_node_min_size: steps({
    title: 'Nodes with less than this many bytes are not brought up',
    first: 4 << 20,
    '6.7': {
      to: 0,
      commit: 'x86/mm: Drop the 4 MB restriction on minimal NUMA node memory size',
      backports: ['6.6.3', '6.5.13', '6.1.64', '5.15.140', '5.10.202'],
    },
  }),
  offline_node_data: since('5.18', {
    title: 'Possible nodes that are offline have their pg_data_t from the boot on',
    commit: 'mm: handle uninitialized numa nodes gracefully',
  }),
  max_possible_pfn: since('4.5', {
    title: 'max_possible_pfn tells how far SRAT says memory may be added',
    commit: 'x86/mm: Introduce max_possible_pfn',
  }),
  memmap_type_change: since('4.17', {
    title: 'memmap=size%start-from+to changes types in place',
    commit: 'x86/e820: Implement a range manipulation operator',
  }),
  e820_function_names: since('4.12', {
    title: 'Functions of the e820 table are named e820__*',
    commit:
      'x86/boot/e820: Rename e820_any_mapped()/e820_all_mapped() to e820__mapped_any()/e820__mapped_all()',
  }),
});
