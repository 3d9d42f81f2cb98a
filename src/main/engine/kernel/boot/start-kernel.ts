import { page_alloc_init_late } from '../zone/deferred-init.ts';
import type { Kernel } from '../../core/facts.ts';
import {
  call,
  caller,
  operation,
  type KernelFunction,
  type None,
} from '../../core/world/operation.ts';
import { mm_core_init_early } from '../zone/paging-init.ts';
import { free_unused_memmap, freesHoles } from './free-unused-memmap.ts';
import { highmemApart, memblock_free_all, set_highmem_pages_init } from './memblock-free-all.ts';
import { memory_dev_init } from './memory-blocks.ts';
import { pci_subsys_init } from './resources.ts';
import { setup_arch } from './setup-arch.ts';
import { setup_arch_arm64 } from './setup-arch-arm64.ts';
import { setup_arch_ppc64 } from './setup-arch-ppc64.ts';
import { setup_arch_riscv64 } from './setup-arch-riscv64.ts';
import { setup_arch_s390x } from './setup-arch-s390x.ts';

/** The architecture's own part of the boot. */
function setupArchOf({ facts }: Kernel): KernelFunction<None, void> {
  switch (facts.arch.name) {
    case 'arm64':
      return setup_arch_arm64;
    case 'riscv64':
      return setup_arch_riscv64;
    case 'ppc64':
      return setup_arch_ppc64;
    case 's390x':
      return setup_arch_s390x;
    default:
      return setup_arch;
  }
}

/** The architecture's mem_init(); in `file`. */
function memInit(file: string): KernelFunction<None, void> {
  return operation<None, void>('mem_init', `${file}:mem_init`, function* (k) {
    if (freesHoles(k)) yield* call(free_unused_memmap, {});
    if (highmemApart(k)) yield* call(set_highmem_pages_init, {});
    if (k.facts.era.get('mem_init_calls_memblock_free_all')) yield* call(memblock_free_all, {});
  });
}

const MEM_INIT: Readonly<Record<string, KernelFunction<None, void>>> = {
  x86_64: memInit('arch/x86/mm/init_64.c'),
  x86_32: memInit('arch/x86/mm/init_32.c'),
  arm64: memInit('arch/arm64/mm/init.c'),
  riscv64: memInit('arch/riscv/mm/init.c'),
  ppc64: memInit('arch/powerpc/mm/mem.c'),
  s390x: memInit('arch/s390/mm/init.c'),
};

const mm_core_init = operation<None, void>(
  (k) => (k.facts.era.get('mm_core_init') ? 'mm_core_init' : 'mm_init'),
  'mm/mm_init.c:mm_core_init',
  function* (k) {
    if (!k.facts.era.get('mem_init_calls_memblock_free_all')) yield* call(memblock_free_all, {});
    const mem_init = MEM_INIT[k.facts.arch.name];
    if (mem_init) yield* call(mem_init, {});
  },
);

const driver_init = caller('driver_init', 'drivers/base/init.c:driver_init', memory_dev_init);

/** init's thread: the rest of the struct pages, then the drivers and their resources. */
const kernel_init_freeable = operation<None, void>(
  'kernel_init_freeable',
  'init/main.c:kernel_init_freeable',
  function* (k) {
    yield* call(page_alloc_init_late, {});
    yield* call(driver_init, {});
    // Elsewhere setup_arch() has entered what the machine has.
    if (k.facts.arch.name.startsWith('x86')) yield* call(pci_subsys_init, {});
  },
);

/** From power-on to a kernel with all its memory: what of the boot concerns physical memory. */
export const start_kernel = operation<None, void>(
  'start_kernel',
  'init/main.c:start_kernel',
  function* (k) {
    k.printk('notice', `Linux version ${k.facts.era.text}`);
    k.printk('info', `Command line: ${k.facts.cmdline}`);
    yield* call(setupArchOf(k), {});
    if (k.facts.era.get('sparse_init_in_free_area_init')) yield* call(mm_core_init_early, {});
    yield* call(mm_core_init, {});
    yield* call(kernel_init_freeable, {});
  },
);
