import type { Facts } from '../../../src/main/engine/core/facts.ts';
import { Monitor } from '../../../src/main/engine/lab/invariants/monitor.ts';
import { KERNEL_OPS } from '../../../src/main/engine/lab/machine/ops.ts';
import { positionOf } from '../../../src/main/engine/kernel/mm/position.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import type { KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import { StepLog } from '../../../src/main/engine/core/world/timeline.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import { smallFacts } from '../pgmap/small-machine.ts';

/** Where the tests map, and how large a page is. */
export const AT = 0x7f0000000000n;
export const PAGE = 4096n;
/** First PFN of each node. */
export const NODE_PAGES = 65536;

/** A machine of two nodes with 256 MiB each, all of it free in ZONE_NORMAL. */
export class ProcessBench {
  readonly world = new World();
  readonly facts: Facts;
  readonly log: StepLog;
  readonly monitor: Monitor;
  readonly driver: Driver;

  constructor(version = '6.12', config: Record<string, string> = {}) {
    const facts = smallFacts(version, config);
    const nodes = [
      { id: 0, cpus: 1, distances: [10, 20] },
      { id: 1, cpus: 1, distances: [20, 10] },
    ];
    this.facts = { ...facts, machine: { ...facts.machine, nodes } };
    this.twoNodes();
    this.world.takeChanges();
    this.log = new StepLog(this.world.store);
    this.monitor = new Monitor(this.world, this.facts);
    this.driver = new Driver(
      {
        step: (step) => {
          this.log.add(step);
          this.monitor.step(step);
        },
        returned: (event) => {
          this.log.returned(event);
        },
      },
      { facts: this.facts, world: this.world },
    );
  }

  private twoNodes(): void {
    const { world } = this;
    const { zones } = this.facts.arch;
    const normal = zones.indexOf('Normal');
    for (const nid of [0, 1]) {
      const start = nid * NODE_PAGES + 4096;
      const pages = NODE_PAGES - (nid === 0 ? 4096 : 0);
      const first = nid === 0 ? start : nid * NODE_PAGES;
      world.put('nodes', {
        nid,
        online: true,
        cpus: 1,
        node_start_pfn: first,
        node_spanned_pages: pages,
        node_present_pages: pages,
        first_deferred_pfn: null,
      });
      for (const [index, name] of zones.entries()) {
        const has = index === normal;
        world.put('zones', {
          key: nid * 8 + index,
          nid,
          index,
          name,
          zone_start_pfn: has ? first : 0,
          spanned_pages: has ? pages : 0,
          present_pages: has ? pages : 0,
          present_early_pages: has ? pages : 0,
          managed_pages: has ? pages : 0,
          contiguous: true,
        });
      }
      world.set('pages', first, first + pages, {
        state: 'init',
        nid,
        zone: normal,
        flags: '',
        refcount: 0,
        mapcount: -1,
        pgmap: null,
        buddy: true,
        compound_order: 0,
        migratetype: 'MOVABLE',
      });
    }
  }

  /** Runs an operation of the lab to its end, as one of the processes. */
  run<R = Record<string, unknown>>(actor: string, op: string, args: object = {}): R {
    const fn = KERNEL_OPS[op];
    if (!fn) throw new Error(`no operation ${op}`);
    return this.call(actor, fn, args as never) as R;
  }

  /** Runs a kernel function to its end, and hands back what it returned. */
  call<P>(actor: string, fn: KernelFunction<P, unknown>, params: P): unknown {
    let result: unknown;
    this.driver.add({
      actor,
      fn: fn as KernelFunction<never, unknown>,
      params,
      done: (value) => {
        result = value;
      },
    });
    const ended = this.driver.runToEnd();
    if (ended !== false) throw new Error(`${typeof fn.name === 'string' ? fn.name : actor} blocks`);
    this.monitor.returned(actor, true);
    return result;
  }

  /** Position of an address in the address space of a process. */
  position(actor: string, address: bigint): number {
    const mm = this.world.need('mms', this.world.need('tasks', actor).mm);
    return positionOf(this.kernel, mm, address);
  }

  get kernel() {
    return this.driver.kernel;
  }

  /** The entry at an address, with the PFN of that very page; undefined: none. */
  pte(actor: string, address: bigint) {
    const at = this.position(actor, address);
    const row = this.world.at('ptes', at);
    return row && { ...row, pfn: row.pfn + at - row.start };
  }

  /** The struct page behind an address. */
  page(actor: string, address: bigint) {
    return this.world.at('pages', this.pte(actor, address)?.pfn ?? -1);
  }

  /** Names of the functions called, in order. */
  calls(from = 1): string[] {
    const names: string[] = [];
    for (let seq = from; seq <= this.log.length; seq += 1) {
      const { fn, kind } = this.log.step(seq);
      if (kind === 'call') names.push(fn);
    }
    return names;
  }

  /** Pages that are not free. */
  used(): number {
    let pages = 0;
    for (const row of this.world.rows('pages')) if (!row.buddy) pages += row.end - row.start;
    return pages;
  }
}
