/** Expectations of nodes, zones, sections and blocks. */
import { z } from 'zod';
import { address, bitmap, bits, count, pages, pfn } from '../quantity.ts';
import { text } from '../words.ts';
import { exists, zoneName, type ExpectationDeclaration } from './declaration.ts';

const bytes = z.strictObject({
  start: address.describe('First byte'),
  end: address.describe('Last byte'),
});
const node = count.describe('The node');

export const LAYOUT = {
  zone: {
    title: 'A zone of a node',
    description: 'As /proc/zoneinfo and struct zone have it.',
    where: { node, zone: zoneName },
    compared: {
      start_pfn: pfn.optional().describe('Its first page'),
      spanned: pages.optional().describe('Pages from there to its end, holes included'),
      present: pages.optional().describe('Pages that exist'),
      managed: pages.optional().describe('Pages the buddy allocator was given'),
    },
    example: 'zone: { node: 0, zone: Normal, start_pfn: 0x100000, present: 262144 }',
  },
  zone_range: {
    title: 'A line of the "Zone ranges:" block',
    description: 'As the kernel prints it at boot (mm/mm_init.c:free_area_init).',
    where: { zone: zoneName },
    compared: {
      start: address.optional().describe('First byte'),
      end: address.optional().describe('Last byte'),
      empty: z.boolean().optional().describe('Printed as empty'),
    },
    example: 'zone_range: { zone: DMA32, start: 0x1000000, end: 0xffffffff }',
  },
  movable_start: {
    title: 'A line of the "Movable zone start for each node" block',
    description: 'As the kernel prints it at boot.',
    where: { node },
    compared: { start: address.describe('First byte of ZONE_MOVABLE there') },
    example: 'movable_start: { node: 0, start: 0x138000000 }',
  },
  node: {
    title: 'A node',
    description: 'Its pages, its span, and its "Early memory node ranges".',
    where: { id: node },
    compared: {
      present: pages.optional().describe('Pages that exist'),
      spanned: pages.optional().describe('Pages from its first to its last, holes included'),
      start: address.optional().describe('First byte'),
      end: address.optional().describe('Last byte'),
      ranges: z.array(bytes).optional().describe('Early memory node ranges, in whole pages'),
    },
    example: 'node: { id: 1, present: 262144 }',
  },
  unavailable: {
    title: 'Pages of holes',
    description:
      'Pages of holes that got a struct page at boot, in all (mm/mm_init.c:init_unavailable_range).',
    where: {
      node: node.optional(),
      zone: zoneName.optional(),
    },
    compared: { pages: pages.describe('How many') },
    example: 'unavailable: { node: 0, pages: 96 }',
  },
  section: {
    title: 'A memory section',
    description: 'struct mem_section, and whether it is there.',
    where: { nr: count.describe('Its number: PFN >> PFN_SECTION_SHIFT') },
    compared: {
      exists,
      flags: bits.optional().describe('SECTION_* bits of section_mem_map'),
      node: node.optional(),
      subsections: bitmap.optional().describe('subsection_map, bit 0 the lowest subsection'),
    },
    example: 'section: { nr: 32, exists: false }',
  },
  memory_block: {
    title: 'A memory block',
    description: 'As /sys/devices/system/memory/memoryN has it.',
    where: { id: count.describe('Its number') },
    compared: {
      exists,
      state: z.enum(['online', 'offline', 'going-offline']).optional().describe('state'),
      valid_zones: text.optional().describe('valid_zones'),
      node: node.optional(),
    },
    example: 'memory_block: { id: 32, state: online, valid_zones: Movable }',
  },
  var: {
    title: 'Variables of the kernel',
    description: 'By name, as the kernel has them after the boot or the last change.',
    where: {},
    compared: {
      max_pfn: pfn.optional().describe('One more than the last page of RAM'),
      max_low_pfn: pfn.optional().describe('The same of directly mapped RAM'),
      highest_memmap_pfn: pfn.optional().describe('Highest page with a struct page at boot'),
      physpages: pages.optional().describe('get_num_physpages()'),
    },
    others: count,
    example: 'var: { max_pfn: 0x180000 }',
  },
  memory_tier: {
    title: 'The memory tier of a node',
    description: 'How far the kernel takes the memory of a node to be (6.1).',
    where: { node: count.describe('The node') },
    compared: {
      exists,
      adistance: count.optional().describe('Abstract distance: 576 is DRAM, more is farther'),
      tier: count.optional().describe('N of memory_tierN: 128 of abstract distance each'),
    },
    example: 'memory_tier: { node: 1, tier: 22 }',
  },
  iomem: {
    title: 'A line of /proc/iomem',
    description: 'A resource by its range and name.',
    where: {
      start: address.describe('First byte'),
      end: address.describe('Last byte'),
      name: text.describe('Its name'),
    },
    compared: { exists, depth: count.optional().describe('How deep it stands in the tree') },
    example: 'iomem: { start: 0x100000000, end: 0x13fffffff, name: System RAM, depth: 0 }',
  },
} satisfies Record<string, ExpectationDeclaration>;
