import type { P2pChunk } from '../../../../shared/world/device-tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { addReferences, dropReferences } from '../pgmap/pgmap-ref.ts';
import { leaf } from '../../core/world/operation.ts';

/** Bytes of a pool that are in use. */
export interface PoolRange {
  readonly start: bigint;
  readonly size: bigint;
}

/** First fit, as gen_pool does unless told otherwise; in steps of a page. */
export function gen_pool_alloc(
  chunks: readonly P2pChunk[],
  allocated: readonly { start: bigint; size: bigint }[],
  size: bigint,
): { chunk: P2pChunk; start: bigint } | undefined {
  for (const chunk of chunks) {
    let start = chunk.start;
    const taken = allocated
      .filter((part) => part.start >= chunk.start && part.start < chunk.start + chunk.size)
      .sort((a, b) => (a.start < b.start ? -1 : 1));
    for (const part of taken) {
      if (part.start - start >= size) break;
      start = part.start + part.size;
    }
    if (start + size <= chunk.start + chunk.size) return { chunk, start };
  }
  return undefined;
}

/** The pool's granule is a page. */
export function pageAligned(k: Kernel, size: bigint): bigint {
  const page = 1n << BigInt(k.facts.arch.page_shift);
  return ((size + page - 1n) / page) * page;
}

/** The chunk that holds an address. */
export function chunkOf(chunks: readonly P2pChunk[], address: bigint): P2pChunk | undefined {
  return chunks.find(({ start, size }) => start <= address && address < start + size);
}

/**
 * gen_pool_free(): any pages that are in use, whichever calls allocated them; undefined where one is
 * not (a BUG of the kernel).
 */
export function gen_pool_free(
  allocated: readonly PoolRange[],
  { start, size }: PoolRange,
): PoolRange[] | undefined {
  const end = start + size;
  const left: PoolRange[] = [];
  let found = 0n;
  for (const part of allocated) {
    const [from, to] = [part.start, part.start + part.size];
    const [first, last] = [from > start ? from : start, to < end ? to : end];
    if (first >= last) {
      left.push(part);
      continue;
    }
    found += last - first;
    if (from < first) left.push({ start: from, size: first - from });
    if (last < to) left.push({ start: last, size: to - last });
  }
  return found === size && size > 0n ? left : undefined;
}

export const percpu_ref_tryget_live = leaf<{ pgmap: string }, boolean>(
  'percpu_ref_tryget_live_rcu',
  'include/linux/percpu-refcount.h:percpu_ref_tryget_live_rcu',
  (k, { pgmap }) => {
    const row = k.world.get('pgmaps', pgmap);
    if (!row || row.ref_dead) return false;
    addReferences(k, pgmap, 1);
    return true;
  },
);

/** percpu_ref_put(), once for each of `nr` users. */
export const percpu_ref_put = leaf<{ pgmap: string; nr?: number }, void>(
  'percpu_ref_put',
  'include/linux/percpu-refcount.h:percpu_ref_put',
  (k, { pgmap, nr = 1 }) => {
    if (k.world.get('pgmaps', pgmap)) dropReferences(k, pgmap, nr);
  },
);
