import { start_kernel } from '../../../src/main/engine/kernel/boot/start-kernel.ts';
import { memoryBlock } from '../../../src/main/engine/lab/inspect/memory-blocks.ts';
import { KERNEL_OPS } from '../../../src/main/engine/lab/machine/ops.ts';
import { failed, type KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import type { Args } from '../../../src/shared/world/value.ts';
import { factsOf, kernel } from '../boot/booted.ts';
import { benchOf, type Bench } from '../pgmap/small-machine.ts';

/** 128 MiB: a memory block, and a section, of these machines. */
export const BLOCK = 0x8000000n;

/** 1 GiB on node 0, and a node 1 with a CPU but without memory; room for more at 4 GiB. */
const MACHINE = `machine:
  memory:
    - { start: 0x0, end: 0x9fbff, type: usable }
    - { start: 0x9fc00, end: 0x9ffff, type: reserved }
    - { start: 0x100000, end: 0x3fffffff, type: usable }
  nodes:
    - { id: 0, cpus: 1, distances: [10, 20] }
    - { id: 1, cpus: CPUS, distances: [20, 10] }
  srat:
    - { start: 0x0, end: 0x9ffff, node: 0 }
    - { start: 0x100000, end: 0x3fffffff, node: 0 }
    - { start: 0x100000000, end: 0x1ffffffff, node: 0, hotplug: true }
    - { start: 0x200000000, end: 0x2ffffffff, node: 1, hotplug: true }
`;

export class HotplugMachine {
  readonly bench: Bench;
  readonly version: string;

  constructor(version: string, cmdline = 'memhp_default_state=offline', cpus = 1) {
    this.version = version;
    const facts = factsOf(kernel(version, cmdline) + MACHINE.replace('CPUS', String(cpus)));
    this.bench = benchOf(new World(), facts);
    this.bench.call(start_kernel, {});
  }

  get world(): World {
    return this.bench.world;
  }

  /** An operation of a lab's program; `ok`, or the errno and what raised it. */
  do(op: string, args: Args = {}): string {
    const fn = KERNEL_OPS[op] as KernelFunction<Args, unknown>;
    const outcome = this.bench.call(fn, args);
    return failed(outcome) ? `${outcome.errno} ${outcome.check}` : 'ok';
  }

  add(start: bigint, blocks: number, more: Args = {}): string {
    return this.do('add-memory', { start, size: BigInt(blocks) * BLOCK, ...more });
  }

  remove(start: bigint, blocks: number): string {
    return this.do('remove-memory', { start, size: BigInt(blocks) * BLOCK });
  }

  online(block: number, type = 'online'): string {
    return this.do('online', { block, type });
  }

  offline(block: number): string {
    return this.do('offline', { block });
  }

  /** state and valid_zones, as sysfs shows them. */
  block(id: number): string | undefined {
    const block = memoryBlock(this.world, this.bench.facts, id);
    return block && `${block.state} ${block.validZones}`;
  }

  /** start, spanned, present and managed pages of a zone. */
  zone(nid: number, name: string): (number | boolean)[] {
    const row = [...this.world.rows('zones')].find((z) => z.nid === nid && z.name === name);
    if (!row) return [];
    return [row.zone_start_pfn, row.spanned_pages, row.present_pages, row.managed_pages];
  }

  number(name: string): number {
    return Number(this.world.get('vars', name)?.value ?? 0);
  }

  logged(text: string): boolean {
    return [...this.world.rows('kernel_log')].some((line) => line.text.includes(text));
  }
}
