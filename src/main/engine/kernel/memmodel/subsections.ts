import type { Arch } from '../../core/arch/arch.ts';

/** All sub-sections of a section. */
export function fullSubsectionMap(arch: Arch): bigint {
  return (1n << BigInt(arch.subsections_per_section)) - 1n;
}

/**
 * subsection_mask_set(): the sub-sections of its section that `[pfn, pfn + nr)` touches.
 * The range must lie inside one section.
 */
export function subsectionMask(arch: Arch, pfn: number, nr: number): bigint {
  const inSection = pfn % arch.pages_per_section;
  const first = Math.floor(inSection / arch.pages_per_subsection);
  const last = Math.floor((inSection + nr - 1) / arch.pages_per_subsection);
  return nr <= 0 ? 0n : ((1n << BigInt(last - first + 1)) - 1n) << BigInt(first);
}
