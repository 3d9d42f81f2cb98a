import { KERNEL_OPS } from '../../src/main/engine/lab/machine/ops.ts';
import { memremap_pages } from '../../src/main/engine/kernel/memremap/memremap.ts';
import { memunmap_pages } from '../../src/main/engine/kernel/memremap/memunmap.ts';
import type { PagemapRequest } from '../../src/main/engine/kernel/pgmap/pagemap.ts';
import { failed } from '../../src/main/engine/core/world/operation.ts';
import type { HotplugOp } from './hotplug-program.ts';
import type { CapturedMachine } from './nvdimm-run.ts';

/** What device_dax maps for the whole namespace of i-devdax-kmem: 2 MiB pages, memmap in RAM. */
function devdax(machine: CapturedMachine): PagemapRequest {
  return {
    type: 'GENERIC',
    ranges: [{ start: 0x100000000n, end: 0x127ffffffn }],
    vmemmap_shift: machine.facts.era.get('compound_devmap') ? 9 : 0,
    nid: 0,
  };
}

function answer(outcome: unknown): string {
  return failed(outcome) ? outcome.errno : 'ok';
}

/** Does an operation of a program, a device's or the kernel's; `ok` or the errno it came to. */
export function doOperation(machine: CapturedMachine, { op, args }: HotplugOp): string {
  if (op === 'map-devdax') return answer(machine.run(memremap_pages, devdax(machine)));
  if (op === 'unmap-devdax') {
    const [pgmap] = machine.world.rows('pgmaps');
    return answer(machine.run(memunmap_pages, { pgmap: pgmap?.id }));
  }
  const dot = op.lastIndexOf('.');
  if (dot >= 0) {
    const target = op.slice(0, dot);
    return machine.do({ target, op: op.slice(dot + 1), args }) ?? 'ok';
  }
  return answer(machine.run(KERNEL_OPS[op], args));
}
