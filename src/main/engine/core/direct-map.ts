import type { Facts } from './facts.ts';
import type { World } from './world/world.ts';

/** What a question about addresses needs: constants, and the variables the boot set. */
export interface Look {
  readonly facts: Facts;
  readonly world: World;
}

/** A kernel variable as a bigint; 0 where nothing set it. */
export function bigVar({ world }: Look, name: string): bigint {
  const value = world.get('vars', name)?.value;
  return typeof value === 'bigint' || typeof value === 'number' ? BigInt(value) : 0n;
}

/** Physical address that page_offset_base maps: memstart_addr (arm64), phys_ram_base (riscv). */
function physBase(look: Look): bigint {
  switch (look.facts.arch.name) {
    case 'arm64':
      return bigVar(look, 'memstart_addr');
    case 'riscv64':
      return bigVar(look, 'phys_ram_base');
    default:
      return 0n;
  }
}

/** __va(): the address of a physical byte in the direct map. */
export function physToVirt(look: Look, phys: bigint): bigint {
  const { arch } = look.facts;
  return BigInt.asUintN(arch.bits_per_long, arch.page_offset_base + phys - physBase(look));
}

/** __pa() of an address of the direct map. */
export function virtToPhys(look: Look, virt: bigint): bigint {
  const { arch } = look.facts;
  return BigInt.asUintN(arch.bits_per_long, virt - arch.page_offset_base + physBase(look));
}

/** The kernel's `vmemmap`: a constant, or what the boot computed. */
export function vmemmapBase(look: Look): bigint {
  const computed = look.world.get('vars', 'vmemmap')?.value;
  return typeof computed === 'bigint' ? computed : look.facts.arch.vmemmap_base;
}

/**
 * ARCH_PFN_OFFSET: PFN of the first entry of FLATMEM's mem_map (asm-generic/memory_model.h;
 * PHYS_PFN_OFFSET of arm64, pfn of phys_ram_base on riscv).
 */
export function archPfnOffset(look: Look): number {
  return Number(BigInt.asIntN(64, physBase(look)) >> BigInt(look.facts.arch.page_shift));
}
