/** Low bits of section_mem_map (include/linux/mmzone.h:SECTION_MARKED_PRESENT and following). */
export const SECTION_MARKED_PRESENT = 1;
export const SECTION_HAS_MEM_MAP = 2;
export const SECTION_IS_ONLINE = 4;
export const SECTION_IS_EARLY = 8;
export const SECTION_TAINT_ZONE_DEVICE = 16;

/** Names of the set bits, as the kernel calls them without SECTION_. */
export function sectionFlagNames(flags: number): string[] {
  const names = ['MARKED_PRESENT', 'HAS_MEM_MAP', 'IS_ONLINE', 'IS_EARLY', 'TAINT_ZONE_DEVICE'];
  return names.filter((_, bit) => (flags & (1 << bit)) !== 0);
}
