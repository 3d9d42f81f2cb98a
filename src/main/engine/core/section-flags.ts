/** Low bits of section_mem_map (include/linux/mmzone.h:SECTION_MARKED_PRESENT and following). */
export const SECTION_MARKED_PRESENT = 1;
export const SECTION_HAS_MEM_MAP = 2;
export const SECTION_IS_ONLINE = 4;
export const SECTION_IS_EARLY = 8;
export const SECTION_TAINT_ZONE_DEVICE = 16;

/** The bits in the order they came, by the part of their name that tells them apart. */
export const SECTION_FLAGS: readonly (readonly [number, string])[] = [
  [SECTION_MARKED_PRESENT, 'PRESENT'],
  [SECTION_HAS_MEM_MAP, 'HAS_MEM_MAP'],
  [SECTION_IS_ONLINE, 'ONLINE'],
  [SECTION_IS_EARLY, 'EARLY'],
  [SECTION_TAINT_ZONE_DEVICE, 'TAINT_ZONE_DEVICE'],
];

/** Names of the set bits, joined as the kernel's own sources write them. */
export function sectionFlagNames(flags: number): string {
  return SECTION_FLAGS.filter(([bit]) => (flags & bit) !== 0)
    .map(([, name]) => name)
    .join('|');
}
