// What each function of memory hotplug does, worked out by hand: four blocks of 128 MiB are added at
// 4 GiB (block 32, PFN 0x100000 = 1,048,576), two go online and offline again, all are removed. A
// block is a section of 32,768 pages, whose memmap of 2 MiB is one PMD.
import { describe, expect, it } from 'vitest';
import { StepBook } from '../world/step-book.ts';
import { HotplugMachine } from './hotplug-machine.ts';

const PFN = 0x100000;
const PER = 32768;
/** present pages of the 1 GiB the machine boots with: all but 0xa0000 to 0xfffff, page 0, 0x9f000. */
const BOOT_PAGES = 262144 - 98;

function run(): StepBook {
  const machine = new HotplugMachine('6.12.117');
  const from = machine.bench.log.length;
  machine.add(0x100000000n, 4);
  for (const block of [32, 33]) machine.online(block);
  for (const block of [33, 32]) machine.offline(block);
  machine.remove(0x100000000n, 4);
  const { log } = machine.bench;
  const steps = Array.from({ length: log.length - from }, (_, at) => log.step(from + at + 1));
  return new StepBook(steps);
}

const book = run();

describe('functions of memory hotplug', () => {
  it.each<[string, string, (object | undefined)[]]>([
    [
      'register_memory_resource',
      'enters System RAM',
      [{ start: 0x100000000n, end: 0x11fffffffn, name: 'System RAM', parent: 0 }],
    ],
    [
      'mem_hotplug_begin',
      'takes the lock',
      [{ name: 'mem_hotplug_lock', kind: 'percpu_rwsem', owner: 'driver' }],
    ],
    ['mem_hotplug_done', 'gives it back', [undefined]],
    [
      'init_memory_mapping',
      'maps the range and raises the end of what is mapped',
      [
        { start: PFN, end: PFN + 4 * PER },
        { name: 'max_pfn_mapped', value: PFN + 4 * PER },
      ],
    ],
    [
      'fill_subsection_map',
      'claims all 64 sub-sections',
      [{ start: 32, end: 36, subsection_map: 2n ** 64n - 1n, memmap: '' }],
    ],
    [
      'sparse_init_one_section',
      'makes the memmap visible, not early, not online yet: 1 + 2',
      [
        { start: 32, end: 36, flags: 3, memmap: 'ram' },
        { name: '__highest_present_section_nr', value: 35 },
      ],
    ],
    [
      'populate_section_memmap',
      'counts 4 x 512 pages of memmap',
      [{ name: 'nr_memmap_pages', value: 2048 }],
    ],
    [
      'add_memory_block',
      'makes the blocks, offline',
      [{ start: 32, end: 36, state: 'offline', zone: null }],
    ],
    [
      'resize_zone_range',
      'widens Normal, which was empty',
      [{ name: 'Normal', zone_start_pfn: PFN, spanned_pages: PER, present_pages: 0 }],
    ],
    [
      'resize_pgdat_range',
      'widens the node over the hole',
      [{ nid: 0, node_start_pfn: 1, node_spanned_pages: PFN + PER - 1 }],
    ],
    [
      'online_mem_sections',
      'sets SECTION_IS_ONLINE, 4',
      [
        { start: 33, end: 36, flags: 3 },
        { start: 32, end: 33, flags: 7 },
      ],
    ],
    [
      'adjust_present_page_count',
      'counts a block as present in zone and node',
      [
        { name: 'Normal', present_pages: PER },
        { nid: 0, node_present_pages: BOOT_PAGES + PER },
      ],
    ],
    [
      'undo_isolate_page_range',
      'makes the pageblocks MOVABLE',
      [{ start: PFN, end: PFN + PER, migratetype: 'MOVABLE', buddy: true }],
    ],
    [
      'start_isolate_page_range',
      'isolates the second block',
      [
        { start: PFN, end: PFN + PER, migratetype: 'MOVABLE' },
        { start: PFN + PER, end: PFN + 2 * PER, migratetype: 'ISOLATE' },
      ],
    ],
    [
      'shrink_zone_span',
      'cuts the zone at its end',
      [{ name: 'Normal', zone_start_pfn: PFN, spanned_pages: PER }],
    ],
    ['update_pgdat_span', 'cuts the node', [{ nid: 0, node_spanned_pages: PFN + PER - 1 }]],
    ['remove_memory_block_devices', 'takes the blocks away', [undefined]],
    [
      'clear_subsection_map',
      'gives all sub-sections up',
      [{ start: 32, end: 36, subsection_map: 0n, flags: 3 }],
    ],
  ])('%s %s', (fn, _does, rows) => {
    expect(book.wrote(fn)).toEqual(
      rows.map((row) => row && (expect.objectContaining(row) as object)),
    );
  });

  it.each<[string, unknown]>([
    ['mhp_range_allowed', true],
    // The node is online already.
    ['__try_online_node', false],
    // Index of Normal in DMA, DMA32, Normal.
    ['zone_for_pfn_range', 2],
    ['device_online', 0],
    ['device_offline', 0],
    ['walk_system_ram_range', PER],
    // Nothing stands in the way.
    ['has_unmovable_pages', null],
    ['__offline_isolated_pages', PER],
  ])('%s returns %s', (fn, value) => {
    expect(book.returned(fn)).toBe(value);
  });

  it('scan_movable_pages fails with -ENOENT where all pages are free', () => {
    expect(book.error('scan_movable_pages')).toMatchObject({ errno: 'ENOENT' });
  });

  it('update_end_of_memory_vars raises max_pfn, max_low_pfn and high_memory', () => {
    const end = PFN + 4 * PER;
    expect(book.variables('update_end_of_memory_vars')).toEqual({
      max_pfn: end,
      max_low_pfn: end,
      high_memory: 0xffff888000000000n + BigInt(end) * 4096n,
    });
  });

  it('adjust_managed_page_count takes the block from the zone and from all RAM', () => {
    const [zone, total] = book.wrote('adjust_managed_page_count');
    expect(zone).toMatchObject({ name: 'Normal', managed_pages: PER });
    // Two blocks went online, one of them is gone again.
    const { totalram_pages: one } = book.variables('__free_pages_core');
    expect(total).toEqual({ name: 'totalram_pages', value: one });
  });

  it.each<[string, string[]]>([
    ['add_memory', ['__add_memory']],
    ['__add_memory', ['register_memory_resource', 'add_memory_resource']],
    [
      'add_memory_resource',
      [
        'check_hotplug_memory_range',
        'mem_hotplug_begin',
        '__try_online_node',
        'arch_add_memory',
        'create_memory_block_devices',
        'mem_hotplug_done',
      ],
    ],
    ['create_memory_block_devices', ['add_memory_block']],
    ['arch_add_memory', ['init_memory_mapping', 'add_pages']],
    ['add_pages', ['__add_pages', 'update_end_of_memory_vars']],
    ['__add_pages', ['check_pfn_span', 'sparse_add_section']],
    ['sparse_add_section', ['sparse_index_init', 'section_activate', 'sparse_init_one_section']],
    ['section_activate', ['fill_subsection_map', 'populate_section_memmap']],
    ['populate_section_memmap', ['__populate_section_memmap']],
    ['__populate_section_memmap', ['vmemmap_populate']],
    ['vmemmap_populate', ['vmemmap_populate_hugepages']],
    ['vmemmap_populate_hugepages', ['vmemmap_alloc_block']],
    ['vmemmap_alloc_block', ['alloc_pages']],
    ['alloc_pages', ['get_page_from_freelist']],
    ['get_page_from_freelist', ['rmqueue', 'prep_new_page']],
    ['state_store', ['device_online']],
    [
      'memory_block_online',
      ['zone_for_pfn_range', 'mem_hotplug_begin', 'online_pages', 'mem_hotplug_done'],
    ],
    [
      'online_pages',
      [
        'move_pfn_range_to_zone',
        'online_pages_range',
        'adjust_present_page_count',
        'undo_isolate_page_range',
      ],
    ],
    [
      'move_pfn_range_to_zone',
      [
        'clear_zone_contiguous',
        'resize_zone_range',
        'resize_pgdat_range',
        'memmap_init_range',
        'set_zone_contiguous',
      ],
    ],
    ['online_pages_range', ['__free_pages_core', 'online_mem_sections']],
    ['memory_block_offline', ['mem_hotplug_begin', 'offline_pages', 'mem_hotplug_done']],
    [
      'offline_pages',
      [
        'walk_system_ram_range',
        'start_isolate_page_range',
        'memory_notify',
        'scan_movable_pages',
        '__offline_isolated_pages',
        'adjust_managed_page_count',
        'adjust_present_page_count',
        'remove_pfn_range_from_zone',
      ],
    ],
    [
      'remove_pfn_range_from_zone',
      ['clear_zone_contiguous', 'shrink_zone_span', 'update_pgdat_span', 'set_zone_contiguous'],
    ],
    ['remove_memory', ['try_remove_memory']],
    ['arch_remove_memory', ['__remove_pages', 'kernel_physical_mapping_remove']],
    ['__remove_pages', ['check_pfn_span', 'sparse_remove_section']],
    ['section_deactivate', ['clear_subsection_map', 'depopulate_section_memmap']],
    ['free_pagetable', ['__free_pages']],
    ['__free_pages', ['__free_one_page']],
  ])('%s calls %j', (fn, names) => {
    expect(book.callees(fn)).toEqual(names);
  });

  it.each([
    ['__rmqueue_claim', { zone: 'DMA32', order: 9, migratetype: 'UNMOVABLE', count: 4 }],
    ['__rmqueue_smallest', { zone: 'DMA32', order: 9, migratetype: 'UNMOVABLE', count: 4 }],
    ['rmqueue', { zone: 'DMA32', order: 9, count: 4 }],
    ['vmemmap_alloc_block', { order: 9, node: 0, count: 4 }],
  ])('%s gets the memmap of four sections as blocks of a PMD: %j', (fn, args) => {
    expect(book.first(fn).args).toMatchObject(args);
  });

  it('prep_new_page gives each of the four blocks one reference', () => {
    const { args, count, diff } = book.first('prep_new_page');
    expect([Number(args['end']) - Number(args['pfn']), count]).toEqual([2048, 4]);
    expect(diff[0]?.to).toMatchObject({ refcount: 1, compound_order: 9, buddy: false });
  });

  it('__free_one_page merges the four blocks of order 9 to two of order 10', () => {
    expect(book.returned('__free_one_page')).toBe(10);
  });
});
