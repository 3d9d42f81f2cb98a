// What each function of the boot does to a machine of 1 GiB, worked out by hand: 4 KiB pages, so
// 0x40000000 bytes are 262,144 pages; sections of 128 MiB; a struct page of 64 bytes.
import { describe, expect, it } from 'vitest';
import { StepBook } from '../world/step-book.ts';
import { boot, kernel, ONE_GIB } from './booted.ts';

const MACHINES = {
  x86: kernel('6.12') + ONE_GIB,
  'x86 of 4.3': kernel('4.3') + ONE_GIB,
  'x86 with parameters':
    kernel('6.12', 'mem=512M kernelcore=256M movablecore=64M movable_node') + ONE_GIB,
  x86_32: `kernel: { version: "4.3", arch: x86_32, model: sparsemem }\n${ONE_GIB}`,
  arm64: device('arm64'),
  riscv64: device('riscv64'),
  ppc64: `kernel: { version: "6.12", arch: ppc64 }\n${FLAT()}`,
  s390x: `kernel: { version: "6.12", arch: s390x }\n${FLAT()}`,
} as const;

type MachineName = keyof typeof MACHINES;

/** RAM from 1 GiB on, with its last 16 MiB reserved by firmware. */
function device(arch: string): string {
  return `kernel: { version: "6.12", arch: ${arch} }
machine:
  memory:
    - { start: 0x40000000, end: 0x7effffff, type: usable }
    - { start: 0x7f000000, end: 0x7fffffff, type: reserved }
`;
}

function FLAT(): string {
  return 'machine: { memory: [ { start: 0x0, end: 0x3fffffff, type: usable } ] }\n';
}

const BOOKS = {
  x86: bookOf('x86'),
  'x86 of 4.3': bookOf('x86 of 4.3'),
  'x86 with parameters': bookOf('x86 with parameters'),
  x86_32: bookOf('x86_32'),
  arm64: bookOf('arm64'),
  riscv64: bookOf('riscv64'),
  ppc64: bookOf('ppc64'),
  s390x: bookOf('s390x'),
} satisfies Record<MachineName, StepBook>;

function bookOf(machine: MachineName): StepBook {
  return new StepBook(boot(MACHINES[machine]).steps);
}

describe('functions of the boot', () => {
  it.each<[string, MachineName, string, object[]]>([
    [
      'e820__memory_setup',
      'x86',
      'takes over what firmware reports',
      [
        { start: 0x0n, end: 0x9fc00n, type: 'usable' },
        { start: 0x9fc00n, end: 0xa0000n, type: 'reserved' },
        { start: 0x100000n, end: 0x40000000n, type: 'usable' },
      ],
    ],
    [
      'trim_bios_range',
      'x86',
      'reserves page 0',
      [
        { start: 0x1000n, end: 0x9fc00n, type: 'usable' },
        { start: 0x0n, end: 0x1000n, type: 'reserved' },
      ],
    ],
    ['memblock_add', 'x86', 'adds a usable range', [{ start: 0x1000n, end: 0x9fc00n, nid: -1 }]],
    [
      'memblock_trim_memory',
      'x86',
      'drops parts of pages',
      // 0x9fc00 lies in the page that begins at 0x9f000.
      [{ start: 0x1000n, end: 0x9f000n }],
    ],
    [
      'memblock_reserve',
      'x86',
      'keeps the first 64 KiB from everybody',
      [{ start: 0x0n, end: 0x10000n, owner: 'first 64 KiB' }],
    ],
    [
      'e820__reserve_resources',
      'x86',
      'enters RAM and reserved ranges, ends inclusive',
      [
        { start: 0x0n, end: 0xfffn, name: 'Reserved' },
        { start: 0x1000n, end: 0x9fbffn, name: 'System RAM' },
        { start: 0x9fc00n, end: 0x9ffffn, name: 'Reserved' },
        { start: 0x100000n, end: 0x3fffffffn, name: 'System RAM' },
      ],
    ],
    [
      'early_init_dt_add_memory_arch',
      'arm64',
      'adds what the device tree calls memory',
      [{ start: 0x40000000n, end: 0x7f000000n, nid: -1, flags: '' }],
    ],
    [
      'add_system_ram_resources',
      'ppc64',
      'enters RAM, the end inclusive',
      [{ start: 0x0n, end: 0x3fffffffn, name: 'System RAM' }],
    ],
    [
      'request_standard_resources',
      'arm64',
      'enters RAM',
      [{ start: 0x40000000n, end: 0x7effffffn, name: 'System RAM' }],
    ],
    ['init_resources', 'riscv64', 'enters RAM', [{ start: 0x40000000n, end: 0x7effffffn }]],
    ['setup_resources', 's390x', 'enters RAM', [{ start: 0x0n, end: 0x3fffffffn }]],
    ['numa_setup', 's390x', 'brings up node 0, the only one', [{ nid: 0, online: true, cpus: 1 }]],
    [
      'memblock_add_physmem_info',
      's390x',
      'adds the increments as memory of node 0',
      [{ start: 0x0n, end: 0x40000000n, nid: 0 }],
    ],
    [
      'parse_numa_properties',
      'ppc64',
      'puts memory without a node on node 0',
      [{ start: 0x0n, end: 0x40000000n, nid: 0 }],
    ],
    [
      'numa_cleanup_meminfo',
      'x86',
      'keeps one block of the faked node, from the first page on',
      [{ start: 0x1000n, end: 0x40000000n, nid: 0 }],
    ],
    [
      'memblock_set_node',
      'x86',
      'says of every range which node it is on',
      [
        { start: 0x1000n, end: 0x9f000n, nid: 0 },
        { start: 0x100000n, end: 0x40000000n, nid: 0 },
      ],
    ],
    [
      'numa_add_memblk',
      'arm64',
      'puts a range on its node',
      [{ start: 0x40000000n, end: 0x7f000000n, nid: 0 }],
    ],
    [
      'setup_vm_final',
      'riscv64',
      'maps all RAM: 0x40000000 is PFN 262144, 0x7f000000 PFN 520192',
      [{ start: 262144, end: 520192, by: 'setup_vm_final' }],
    ],
    [
      'add_memory_block',
      'x86',
      'makes an online block of a section; the first has two zones and so none',
      [{ start: 0, end: 1, state: 'online', nid: 0, zone: null }],
    ],
    [
      'memory_present',
      'x86',
      'marks the first section PRESENT and ONLINE, 1 + 4, without a memmap yet',
      [{ start: 0, end: 1, nid: 0, flags: 5, memmap: '' }],
    ],
    [
      'sparse_init_one_section',
      'x86',
      'marks all 8 sections: PRESENT, HAS_MEM_MAP, ONLINE and EARLY are 1 + 2 + 4 + 8',
      [{ start: 0, end: 8, flags: 15, memmap: 'ram' }],
    ],
    [
      'sparse_buffer_init',
      'x86',
      'takes 8 sections of 2 MiB of memmap in one block, aligned to 2 MiB',
      [{ start: 0x3ee00000n, end: 0x3fe00000n, owner: 'memmap' }],
    ],
    [
      'vmemmap_populate_hugepages',
      'x86',
      'makes 262,144 struct pages of zeros in the block, mapped by PMDs',
      [
        { start: 0, end: 262144, state: 'zero', refcount: 0 },
        { start: 0, end: 262144, phys: 0x3ee00000n, mapping: 'pmd', source: 'ram' },
      ],
    ],
    [
      'vmemmap_populate_basepages',
      'ppc64',
      'maps the memmap by 64 KiB pages where there are no PMDs for it',
      [
        { start: 0, end: 16384, state: 'zero' },
        { start: 0, end: 16384, mapping: 'pte', source: 'ram' },
      ],
    ],
  ])('%s on %s %s', (fn, machine, _does, rows) => {
    expect(BOOKS[machine].wrote(fn)).toEqual(
      rows.map((row) => expect.objectContaining(row) as object),
    );
  });

  it.each<[string, MachineName, string, Record<string, unknown>]>([
    [
      'find_low_pfn_range',
      'x86_32',
      'ends low memory below the vmalloc area',
      { max_low_pfn: 228350 },
    ],
    [
      'arm64_memblock_init',
      'arm64',
      'starts the linear map where RAM starts',
      { memstart_addr: 0xfff1000040000000n },
    ],
    [
      'bootmem_init',
      'arm64',
      'knows the first and the last PFN',
      { min_low_pfn: 262144, max_pfn: 520192, max_low_pfn: 520192 },
    ],
    [
      'setup_bootmem',
      'riscv64',
      'takes PFNs from memblock',
      { phys_ram_base: 0x40000000n, min_low_pfn: 262144, max_pfn: 520192 },
    ],
    [
      'mem_topology_setup',
      'ppc64',
      'counts pages of 64 KiB',
      { max_pfn: 16384, max_low_pfn: 16384, min_low_pfn: 0 },
    ],
    ['setup_memory_end', 's390x', 'ends memory with the last increment', { max_pfn: 262144 }],
    [
      'memory_block_size_bytes',
      'ppc64',
      'is what a section has',
      { memory_block_size: 0x1000000n },
    ],
    [
      'cmdline_parse_kernelcore',
      'x86 with parameters',
      'counts pages',
      { required_kernelcore: 65536 },
    ],
    [
      'cmdline_parse_movablecore',
      'x86 with parameters',
      'counts pages',
      { required_movablecore: 16384 },
    ],
    [
      'cmdline_parse_movable_node',
      'x86 with parameters',
      'remembers it',
      { movable_node_enabled: true },
    ],
    ['init_mem_mapping', 'x86', 'maps up to the last page', { max_pfn_mapped: 262144 }],
    ['sparse_init_nid', 'x86', 'counts 16 MiB of memmap in pages', { nr_memmap_boot_pages: 4096 }],
  ])('%s on %s %s', (fn, machine, _does, values) => {
    expect(BOOKS[machine].variables(fn)).toMatchObject(values);
  });

  it.each<[string, MachineName, unknown]>([
    ['e820__end_of_ram_pfn', 'x86', 262144],
    ['memblock_validate_numa_coverage', 'x86', true],
    ['numa_register_meminfo', 'x86', 0],
    ['dummy_numa_init', 'x86', 0],
    ['numa_register_nodes', 'arm64', 0],
    // All but the first MiB, up to the memmap: 0x3ee00000 - 0x100000 bytes.
    ['__free_memory_core', 'x86', 257280],
    ['parse_memopt', 'x86 with parameters', 0],
  ])('%s on %s returns %s', (fn, machine, value) => {
    expect(BOOKS[machine].returned(fn)).toBe(value);
  });

  it.each<[string, MachineName, string, string]>([
    ['x86_acpi_numa_init', 'x86', 'ENOENT', 'no SRAT'],
    ['numa_init', 'x86', 'ENOENT', 'no SRAT'],
    ['of_numa_init', 'arm64', 'EINVAL', 'nodes_empty(numa_nodes_parsed)'],
  ])('%s on %s fails with -%s: %s', (fn, machine, errno, check) => {
    const err = BOOKS[machine].error(fn);
    expect(err?.errno).toBe(errno);
    expect(err?.check).toContain(check);
  });

  it.each<[string, MachineName, string[]]>([
    ['early_init_dt_scan_memory', 'arm64', ['early_init_dt_add_memory_arch']],
    ['early_init_fdt_scan_reserved_mem', 'arm64', ['memblock_reserve']],
    ['setup_machine_fdt', 'arm64', ['early_init_dt_scan_memory']],
    ['parse_dtb', 'riscv64', ['early_init_dt_scan_memory']],
    ['early_reserve_memory', 'x86', ['memblock_reserve']],
    ['trim_low_memory_range', 'x86_32', ['memblock_reserve']],
    ['reserve_real_mode', 'x86', ['memblock_reserve']],
    ['e820__memblock_setup', 'x86', ['memblock_add', 'memblock_add', 'memblock_trim_memory']],
    ['x86_numa_init', 'x86', ['numa_init', 'numa_init']],
    ['arch_numa_init', 'arm64', ['numa_init', 'numa_init']],
    ['paging_init', 'x86', ['sparse_init', 'zone_sizes_init']],
    ['zone_sizes_init', 'x86', ['free_area_init']],
    ['sparse_init', 'x86', ['memblocks_present', 'sparse_init_nid']],
    [
      'early_init_devtree',
      'ppc64',
      ['early_init_dt_scan_memory', 'parse_early_param', 'early_init_fdt_scan_reserved_mem'],
    ],
    ['initmem_init', 'ppc64', ['setup_node_data', 'sparse_init']],
    ['memblock_free_all', 'x86', ['reset_all_zones_managed_pages', 'free_low_memory_core_early']],
    ['mm_core_init', 'x86', ['mem_init']],
    ['kernel_init_freeable', 'x86', ['page_alloc_init_late', 'driver_init', 'pci_subsys_init']],
    ['driver_init', 'x86', ['memory_dev_init']],
    ['set_highmem_pages_init', 'x86_32', ['reset_all_zones_managed_pages', 'free_highmem_page']],
    ['misc_mem_init', 'riscv64', ['arch_numa_init', 'sparse_init', 'zone_sizes_init']],
    ['pci_subsys_init', 'x86', ['e820__reserve_resources_late']],
    ['__populate_section_memmap', 'x86', ['vmemmap_populate']],
    ['vmemmap_populate', 'x86', ['vmemmap_populate_hugepages']],
  ])('%s on %s calls %j', (fn, machine, names) => {
    expect(BOOKS[machine].callees(fn)).toEqual(names);
  });

  it('parse_early_param on x86 with parameters hands each to its own function, in their order', () => {
    expect(BOOKS['x86 with parameters'].callees('parse_early_param')).toEqual([
      'parse_memopt',
      'cmdline_parse_kernelcore',
      'cmdline_parse_movablecore',
      'cmdline_parse_movable_node',
    ]);
  });

  it('reserve_bootmem_region on x86 reserves the pages of each reservation, part pages whole', () => {
    const regions = BOOKS.x86.steps.filter(({ fn }) => fn === 'reserve_bootmem_region');
    const [first] = regions;
    expect(first?.args).toMatchObject({ start: 0n, end: 0x10000n });
    const under = BOOKS.x86.steps.filter(({ parent }) => parent === first?.seq);
    // 64 KiB are 16 pages.
    expect(under.map(({ fn, args, count }) => [fn, args['pfn'], args['end'], count])).toEqual([
      ['__SetPageReserved', 0, 16, 16],
    ]);
  });

  it('reset_all_zones_managed_pages on x86 leaves no zone a page before memblock gives them', () => {
    const rows = BOOKS.x86.wrote('reset_all_zones_managed_pages');
    expect(rows.map((row) => [row?.['name'], row?.['managed_pages']])).toEqual([
      ['DMA', 0],
      ['DMA32', 0],
    ]);
  });

  it('free_highmem_page on x86_32 frees all above low memory: 262,144 - 228,350 pages', () => {
    expect(BOOKS.x86_32.first('free_highmem_page').count).toBe(33794);
    expect(BOOKS.x86_32.variables('free_highmem_page')).toEqual({ totalram_pages: 33794 });
  });

  it('memmap_init_reserved_pages on x86 reserves region by region, in the order of memblock', () => {
    const names = BOOKS.x86.callees('memmap_init_reserved_pages');
    const regions = BOOKS.x86.steps.filter(({ fn }) => fn === 'reserve_bootmem_region');
    expect(names).toEqual(regions.map(({ fn }) => fn));
    const starts = regions.map(({ args }) => Number(args['start']));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  it('e820__finish_early_params tells the map that mem= left, and setup_arch goes on with it', () => {
    const told = BOOKS['x86 with parameters'].first('e820__finish_early_params').diff;
    expect(told.map(({ to }) => to?.['text'])).toContain(
      'user: [mem 0x0000000000100000-0x000000001fffffff] usable',
    );
    // 512 MiB are 131,072 pages.
    const { max_pfn } = BOOKS['x86 with parameters'].variables('setup_arch');
    expect(max_pfn ?? BOOKS['x86 with parameters'].returned('e820__end_of_ram_pfn')).toBe(131072);
  });

  it('alloc_node_data on x86 takes the pglist_data from the top and brings the node up', () => {
    // 0x2b000 bytes below 0x40000000.
    expect(BOOKS.x86.wrote('alloc_node_data')).toEqual([
      expect.objectContaining({ start: 0x3ffd5000n, end: 0x40000000n, owner: 'NODE_DATA(0)' }),
      expect.objectContaining({ nid: 0, online: true, node_present_pages: 0 }),
    ]);
  });

  it('deferred_init_memmap on x86 initialises from the first deferred PFN on and frees it', () => {
    const [node] = BOOKS.x86.wrote('deferred_init_memmap');
    expect(node).toMatchObject({ nid: 0, first_deferred_pfn: null });
    expect(BOOKS.x86.callees('deferred_init_memmap')).toEqual([
      'deferred_init_pages',
      'deferred_free_pages',
      'deferred_init_pages',
      'deferred_free_pages',
    ]);
  });

  it.each<[string, number, number]>([
    // From the end of the first section pair on, 0x3ee00000 being where the memmap begins.
    ['deferred_init_pages', 65536, 257536],
    ['deferred_free_pages', 65536, 257536],
  ])('%s on x86 takes [%d, %d) first', (fn, pfn, end) => {
    expect(BOOKS.x86.first(fn).args).toMatchObject({ pfn, end });
  });
});
