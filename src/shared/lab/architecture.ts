/**
 * What a lab file may name, whether or not this release can run it. The limits are the widest
 * physical address any kernel of that architecture supports.
 */

/** Architectures a lab may name. */
export const ARCHITECTURES = ['x86_64', 'x86_32', 'arm64', 'riscv64', 's390x', 'ppc64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** Memory models a lab may name. */
export const MEMORY_MODELS = ['flatmem', 'discontigmem', 'sparsemem', 'sparsemem-vmemmap'] as const;
export type MemoryModel = (typeof MEMORY_MODELS)[number];

/**
 * Widest physical address in bits: MAX_PHYSMEM_BITS of `arch/*\/include/asm/sparsemem.h` in its
 * widest configuration (x86_64 with 5-level paging, arm64 with LPA2, s390's Kconfig maximum).
 */
export const MAX_PHYS_BITS: Record<Architecture, number> = {
  x86_64: 52,
  x86_32: 36,
  arm64: 52,
  riscv64: 56,
  s390x: 53,
  ppc64: 51,
};

/** Bits assumed where a lab does not say: what the usual configuration can address. */
export function defaultPhysBits(arch: Architecture, la57: boolean): number {
  switch (arch) {
    case 'x86_64':
      return la57 ? 52 : 46;
    case 'arm64':
      return 48;
    case 's390x':
      return 46;
    default:
      return MAX_PHYS_BITS[arch];
  }
}
