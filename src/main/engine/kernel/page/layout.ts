import { configNumber, enabled, type KernelConfig } from '../../core/arch/config.ts';
import type { Arch } from '../../core/arch/arch.ts';
import { since, type KernelVersion } from '../../core/era/version.ts';
import { pageFlagNames } from './flag-bits.ts';

/** A field of page->flags. `shift` is that of its lowest bit; width 0: the field is not there. */
export interface FlagsField {
  readonly name: 'section' | 'node' | 'zone' | 'last_cpupid' | 'kasan' | 'lru_gen' | 'lru_refs';
  readonly width: number;
  readonly shift: number;
}

/** How this kernel lays out page->flags (include/linux/page-flags-layout.h). */
export interface FlagsLayout {
  /** From the top of the word down. */
  readonly fields: readonly FlagsField[];
  /** PG_ names without the prefix; the index is the bit. */
  readonly flags: readonly string[];
  /** NODE_NOT_IN_PAGE_FLAGS: the node is looked up in section_to_node_table[] instead. */
  readonly node_not_in_page_flags: boolean;
  /** A sentence where this configuration would not compile. */
  readonly problem: string | undefined;
}

const MAX_NR_GENS = 4;
const MAX_NR_TIERS = 4;

function orderBase2(n: number): number {
  return Math.ceil(Math.log2(n));
}

/** ZONES_SHIFT: bits for MAX_NR_ZONES zones. */
function zonesShift(zones: number): number {
  return zones < 2 ? 0 : zones <= 2 ? 1 : zones <= 4 ? 2 : 3;
}

/** SECTIONS_WIDTH: only classic SPARSEMEM finds a page's section in its flags. */
function sectionsWidth({ memory_model, max_physmem_bits, section_size_bits }: Arch): number {
  return memory_model === 'sparsemem' ? max_physmem_bits - section_size_bits : 0;
}

/** The widths by the kernel's rules. */
export function flagsLayout(
  arch: Arch,
  version: KernelVersion,
  config: KernelConfig,
  section = sectionsWidth(arch),
): FlagsLayout {
  const flags = pageFlagNames(version, config, arch);
  const room = arch.bits_per_long - flags.length;
  const zone = zonesShift(arch.zones.length);
  const lruGen = enabled(config, 'LRU_GEN') ? orderBase2(MAX_NR_GENS + 1) : 0;
  const nodesShift = enabled(config, 'NUMA') ? configNumber(config, 'NODES_SHIFT', 0) : 0;
  const kasan = enabled(config, 'KASAN_SW_TAGS') ? 8 : enabled(config, 'KASAN_HW_TAGS') ? 4 : 0;
  const cpupid = enabled(config, 'NUMA_BALANCING')
    ? 8 + orderBase2(configNumber(config, 'NR_CPUS', 1))
    : 0;

  let problem: string | undefined;
  if (zone > 2 && !since(version, '4.5')) {
    problem = `${arch.zones.length} zones do not fit the 2-bit zone field of this kernel`;
  }
  const nodeFits = zone + lruGen + section + nodesShift <= room;
  const node = nodeFits ? nodesShift : 0;
  if (!nodeFits && arch.memory_model === 'sparsemem-vmemmap') {
    problem = 'Vmemmap: No space for nodes field in page flags';
  }
  const used = zone + lruGen + section + node + kasan;
  const lastCpupid = used + cpupid <= room ? cpupid : 0;
  const left = room - used - lastCpupid;
  const lruRefs = lruGen > 0 ? Math.min(MAX_NR_TIERS - 2, Math.max(left, 0)) : 0;

  let shift: number = arch.bits_per_long;
  const field = (name: FlagsField['name'], width: number): FlagsField => {
    shift -= width;
    return { name, width, shift: width > 0 ? shift : 0 };
  };
  return {
    fields: [
      field('section', section),
      field('node', node),
      field('zone', zone),
      field('last_cpupid', lastCpupid),
      field('kasan', kasan),
      field('lru_gen', lruGen),
      field('lru_refs', lruRefs),
    ],
    flags,
    node_not_in_page_flags: nodesShift > 0 && node === 0,
    problem,
  };
}
