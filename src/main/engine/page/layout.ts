import { configNumber, enabled, type KernelConfig } from '../arch/config.ts';
import type { Arch } from '../arch/arch.ts';
import { since, type KernelVersion } from '../era/version.ts';
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
  /** A sentence where this configuration would not compile. */
  readonly problem: string | undefined;
}

const BITS_PER_LONG = 64;
const MAX_NR_GENS = 4;
const MAX_NR_TIERS = 4;

function orderBase2(n: number): number {
  return Math.ceil(Math.log2(n));
}

/** ZONES_SHIFT: bits for MAX_NR_ZONES zones. */
export function zonesShift(zones: number): number {
  return zones < 2 ? 0 : zones <= 2 ? 1 : zones <= 4 ? 2 : 3;
}

/**
 * The widths by the kernel's rules. Classic SPARSEMEM would add the section field; with VMEMMAP it
 * has no width.
 */
export function flagsLayout(
  arch: Arch,
  version: KernelVersion,
  config: KernelConfig,
  sectionsWidth = 0,
): FlagsLayout {
  const flags = pageFlagNames(version, config);
  const room = BITS_PER_LONG - flags.length;
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
  const nodeFits = zone + lruGen + sectionsWidth + nodesShift <= room;
  const node = nodeFits ? nodesShift : 0;
  if (!nodeFits && sectionsWidth === 0) {
    problem = 'Vmemmap: No space for nodes field in page flags';
  }
  const used = zone + lruGen + sectionsWidth + node + kasan;
  const lastCpupid = used + cpupid <= room ? cpupid : 0;
  const left = room - used - lastCpupid;
  const lruRefs = lruGen > 0 ? Math.min(MAX_NR_TIERS - 2, Math.max(left, 0)) : 0;

  let shift = BITS_PER_LONG;
  const field = (name: FlagsField['name'], width: number): FlagsField => {
    shift -= width;
    return { name, width, shift: width > 0 ? shift : 0 };
  };
  return {
    fields: [
      field('section', sectionsWidth),
      field('node', node),
      field('zone', zone),
      field('last_cpupid', lastCpupid),
      field('kasan', kasan),
      field('lru_gen', lruGen),
      field('lru_refs', lruRefs),
    ],
    flags,
    problem,
  };
}
