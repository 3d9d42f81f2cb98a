import { memPfnRanges } from '../memblock/memblock.ts';
import { pageShift } from '../memblock/pages.ts';
import { numberVar } from '../../core/world/variables.ts';
import { since } from '../../core/era/version.ts';
import type { Kernel } from '../../core/facts.ts';

const SZ_4G = 1n << 32n;

/** PFN_DOWN of an address in this kernel's pages. */
function pfn(k: Kernel, address: bigint): number {
  return Number(address >> pageShift(k));
}

/**
 * arm64: the end of what a device with that many address bits reaches. RAM that begins above the
 * limit moves it: to 4 GiB, or to the end of RAM (arch/arm64/mm/init.c:max_zone_phys). Until 5.10
 * the limit was counted from the start of RAM instead.
 */
function armZoneEnd(k: Kernel, bits: bigint): number {
  const ranges = memPfnRanges(k);
  const shift = pageShift(k);
  const start = BigInt(ranges[0]?.start ?? 0) << shift;
  const end = ranges.at(-1)?.end ?? 0;
  if (!since(k.facts.era.version, '5.11')) {
    const offset = (start >> bits) << bits;
    return Math.min(pfn(k, offset + (1n << bits)), end);
  }
  if (start >= SZ_4G) return end;
  const limit = start >= 1n << bits ? SZ_4G : 1n << bits;
  return Math.min(pfn(k, limit), end);
}

/** 30 bits for every machine from 5.5 to 5.10 (ARM64_ZONE_DMA_BITS); then what firmware says: 32. */
function armDmaBits({ facts }: Kernel): bigint {
  const { version } = facts.era;
  return since(version, '5.5') && !since(version, '5.11') ? 30n : 32n;
}

function limitOf(k: Kernel, zone: string): number {
  const maxLow = numberVar(k, 'max_low_pfn');
  const below = (address: bigint): number => Math.min(pfn(k, address), maxLow);
  if (zone === 'Normal') return maxLow;
  if (zone === 'HighMem') return numberVar(k, 'max_pfn');
  if (zone !== 'DMA' && zone !== 'DMA32') return 0;
  switch (k.facts.arch.name) {
    case 'arm64':
      return armZoneEnd(k, zone === 'DMA' ? armDmaBits(k) : 32n);
    case 'ppc64':
    case 's390x':
      return below(1n << 31n);
    case 'riscv64':
      return below(SZ_4G);
    default:
      return below(zone === 'DMA' ? 1n << 24n : SZ_4G);
  }
}

/**
 * max_zone_pfns: the exclusive end of each zone, 0 for those without limits of their own
 * (zone_sizes_init, or arch_zone_limits_init since 7.0, of each architecture).
 */
export function maxZonePfns(k: Kernel): number[] {
  return k.facts.arch.zones.map((zone) => limitOf(k, zone));
}
