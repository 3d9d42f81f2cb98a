import { memremap_pages } from '../../src/main/engine/kernel/memremap/memremap.ts';
import { memunmap_pages } from '../../src/main/engine/kernel/memremap/memunmap.ts';
import { request_free_mem_region } from '../../src/main/engine/kernel/resource/free-region.ts';
import { release_mem_region } from '../../src/main/engine/kernel/resource/request.ts';
import { failed } from '../../src/main/engine/core/world/operation.ts';
import type { Bench } from '../unit/pgmap/small-machine.ts';
import { range } from '../unit/pgmap/small-machine.ts';

interface Slot {
  readonly pgmap: string;
  readonly region: { readonly start: bigint; readonly size: bigint } | undefined;
}

export interface Answer {
  readonly errno: string | null;
  readonly altmap?: { readonly alloc: number; readonly align: number };
  readonly free_region?: string;
}

/**
 * What the captures' kernel module did with a command: memremap_pages with the parameters as
 * they stand, for PRIVATE at address 0 on a free region; memunmap_pages.
 */
export class CaptureModule {
  private readonly slots = new Map<string, Slot>();
  private readonly bench: Bench;

  constructor(bench: Bench) {
    this.bench = bench;
  }

  /** Undefined: a command this table does not map. */
  run(command: string): Answer | undefined {
    const [verb = '', id = '', ...rest] = command.split(' ');
    if (verb === 'add') return this.add(id, rest);
    if (verb === 'del') return this.remove(id);
    if (verb === 'rmmod') {
      for (const slot of [...this.slots.keys()]) this.remove(slot);
      return { errno: null };
    }
    return undefined;
  }

  private add(id: string, words: readonly string[]): Answer {
    const [
      type = '0',
      start = '0',
      size = '0',
      nid = '0',
      reserve = '-1',
      free = '0',
      shift = '0',
    ] = words;
    let from = BigInt(start);
    const bytes = BigInt(size);
    let region: Slot['region'];
    let shown: string | undefined;
    if (type === '1' && from === 0n) {
      const found = this.bench.call(request_free_mem_region, { size: bytes, name: 'zdev' });
      if (failed(found)) return { errno: found.errno };
      from = found.start;
      region = { start: found.start, size: found.end - found.start + 1n };
      shown = `0x${found.start.toString(16)}-0x${found.end.toString(16)}`;
    }
    const driven = type === '1' || type === '2';
    const made = this.bench.call(memremap_pages, {
      type: Number(type),
      ranges: [range(from, bytes)],
      nid: Number(nid),
      vmemmap_shift: Number(shift),
      ...(reserve === '-1'
        ? {}
        : {
            altmap: {
              base_pfn: Number(from >> 12n),
              reserve: Number(reserve),
              free: Number(free),
            },
          }),
      ops: driven ? ['migrate_to_ram', 'page_free', 'folio_free'] : [],
      owner: driven ? 'zdev' : '',
    });
    const place = shown === undefined ? {} : { free_region: shown };
    if (failed(made)) {
      if (region) this.bench.call(release_mem_region, region);
      return { errno: made.errno, ...place };
    }
    this.slots.set(id, { pgmap: made.pgmap, region });
    return {
      errno: null,
      altmap: { alloc: made.altmap_alloc, align: made.altmap_align },
      ...place,
    };
  }

  private remove(id: string): Answer | undefined {
    const slot = this.slots.get(id);
    if (!slot) return undefined;
    this.slots.delete(id);
    this.bench.call(memunmap_pages, { pgmap: slot.pgmap });
    if (slot.region) this.bench.call(release_mem_region, slot.region);
    return { errno: null };
  }
}
