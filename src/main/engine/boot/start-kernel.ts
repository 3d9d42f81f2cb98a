import { page_alloc_init_late } from '../page/deferred-init.ts';
import { call, operation } from '../world/operation.ts';
import { mm_core_init_early } from '../zone/paging-init.ts';
import { memblock_free_all } from './memblock-free-all.ts';
import { memory_dev_init } from './memory-blocks.ts';
import { pci_subsys_init } from './resources.ts';
import { setup_arch } from './setup-arch.ts';

type None = Record<string, never>;

const mem_init = operation<None, void>('mem_init', 'arch/x86/mm/init_64.c:mem_init', function* (k) {
  if (k.facts.era.get('mem_init_calls_memblock_free_all')) yield* call(memblock_free_all, {});
});

const mm_core_init = operation<None, void>(
  (k) => (k.facts.era.get('mm_core_init') ? 'mm_core_init' : 'mm_init'),
  'mm/mm_init.c:mm_core_init',
  function* (k) {
    if (!k.facts.era.get('mem_init_calls_memblock_free_all')) yield* call(memblock_free_all, {});
    yield* call(mem_init, {});
  },
);

const driver_init = operation<None, void>(
  'driver_init',
  'drivers/base/init.c:driver_init',
  function* () {
    yield* call(memory_dev_init, {});
  },
);

/** init's thread: the rest of the struct pages, then the drivers and their resources. */
const kernel_init_freeable = operation<None, void>(
  'kernel_init_freeable',
  'init/main.c:kernel_init_freeable',
  function* () {
    yield* call(page_alloc_init_late, {});
    yield* call(driver_init, {});
    yield* call(pci_subsys_init, {});
  },
);

/** From power-on to a kernel with all its memory: what of the boot concerns physical memory. */
export const start_kernel = operation<None, void>(
  'start_kernel',
  'init/main.c:start_kernel',
  function* (k) {
    k.printk('notice', `Linux version ${k.facts.era.text}`);
    k.printk('info', `Command line: ${k.facts.cmdline}`);
    yield* call(setup_arch, {});
    if (k.facts.era.get('sparse_init_in_free_area_init')) yield* call(mm_core_init_early, {});
    yield* call(mm_core_init, {});
    yield* call(kernel_init_freeable, {});
  },
);
