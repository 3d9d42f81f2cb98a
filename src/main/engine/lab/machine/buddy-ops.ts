import { readCount } from '../../../../shared/lab/quantity.ts';
import type { Args } from '../../../../shared/world/value.ts';
import { alloc_pages, blocksOf } from '../../kernel/buddy/page-alloc.ts';
import { __free_pages, notAllocated } from '../../kernel/buddy/free-pages.ts';
import { GFP_NAMES, parseGfp } from '../../kernel/buddy/gfp.ts';
import type { TakenRun } from '../../kernel/buddy/rmqueue.ts';
import type { Kernel } from '../../core/facts.ts';
import { numa_mem_id } from '../../kernel/hotplug/lock.ts';
import {
  call,
  fail,
  failed,
  operation,
  type Failure,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';

type Ops = Readonly<Record<string, KernelFunction<never, unknown>>>;

/** Counts among the arguments, by name; -EINVAL with a sentence for a wrong or unknown one. */
function counts(args: Args, names: readonly string[], texts: readonly string[] = []) {
  const found: Record<string, number> = {};
  for (const [name, value] of Object.entries(args)) {
    if (texts.includes(name)) continue;
    if (!names.includes(name)) {
      const known = [...names, ...texts].join(', ');
      return fail('EINVAL', `lab: there is no argument \`${name}\`; arguments are ${known}`);
    }
    const read = readCount(value);
    if (!read.ok) return fail('EINVAL', `lab: \`${name}\`: expected ${read.expected}`);
    found[name] = read.value;
  }
  return found;
}

interface Allocated {
  /** First page of the first block. */
  readonly pfn: number;
  readonly pages: number;
  /** Where all of them are, in the order they were taken; ends exclusive. */
  readonly ranges: readonly TakenRun[];
  readonly node: number;
  readonly zone: string;
}

function* allocate(k: Kernel, args: Args): Operation<Outcome<Allocated>> {
  const numbers = counts(args, ['order', 'pages', 'node'], ['gfp']);
  if (failed(numbers)) return numbers;
  const name = typeof args['gfp'] === 'string' ? args['gfp'] : 'GFP_KERNEL';
  const gfp = parseGfp(k.facts, name);
  if (!gfp) return fail('EINVAL', `lab: no gfp \`${name}\`; expected ${GFP_NAMES.join(', ')}`);
  const order = numbers['order'] ?? 0;
  const count = numbers['pages'] === undefined ? 1 : numbers['pages'] / 2 ** order;
  if (!Number.isInteger(count) || count < 1) {
    return fail('EINVAL', `lab: \`pages\` must be a multiple of 2^${order}, and not 0`);
  }
  const nid = numbers['node'] ?? (yield* call(numa_mem_id, {}));
  if (!k.world.get('nodes', nid)) return fail('EINVAL', `lab: there is no node ${nid}`);
  const runs = yield* call(alloc_pages, { order, gfp, nid, count });
  const [first] = runs;
  if (!first || blocksOf(runs, order) < count) {
    for (const { pfn, end } of runs) yield* call(__free_pages, { pfn, end, order });
    return fail('ENOMEM', 'alloc_pages() == NULL: no block that large above the min watermark');
  }
  const page = k.world.at('pages', first.pfn);
  return {
    pfn: first.pfn,
    pages: count * 2 ** order,
    ranges: runs,
    node: page?.nid ?? nid,
    zone: k.facts.arch.zones[page?.zone ?? 0] ?? '',
  };
}

/** The run that `free-pages` names: `pages`, or one block of `order`. */
function freedRun(args: Args): Failure | { pfn: number; end: number; order: number } {
  const numbers = counts(args, ['pfn', 'order', 'pages']);
  if (failed(numbers)) return numbers;
  const { pfn, order = 0, pages = 2 ** order } = numbers;
  if (pfn === undefined) return fail('EINVAL', 'lab: `pfn` is missing');
  return { pfn, end: pfn + pages, order };
}

/**
 * Adds to a program's operations:
 * - `alloc-pages: { order, pages, gfp, node }`: one block of 2^order pages, or as many as make
 *   `pages`. With `pfn`, where another operation of that name knows it, that one runs.
 * - `free-pages: { pfn, order, pages }`: pages that were allocated so.
 */
export function withBuddyOps(others: Ops): Ops {
  const user = { basis: 'model', kind: 'user' } as const;
  const other = (name: string) =>
    others[name] as unknown as KernelFunction<Args, unknown> | undefined;
  const alloc = operation<Args, unknown>(
    'alloc-pages',
    'lab:alloc-pages',
    function* (k, args) {
      const at = other('alloc-pages');
      if (at && 'pfn' in args) return yield* call(at, args);
      return yield* allocate(k, args);
    },
    user,
  );
  const free = operation<Args, unknown>(
    'free-pages',
    'lab:free-pages',
    function* (k, args) {
      const run = freedRun(args);
      const at = other('free-pages');
      if (failed(run)) return run;
      if (at && !('order' in args) && notAllocated(k, run)) return yield* call(at, args);
      return yield* call(__free_pages, run);
    },
    user,
  );
  return {
    ...others,
    'alloc-pages': alloc as unknown as KernelFunction<never, unknown>,
    'free-pages': free as unknown as KernelFunction<never, unknown>,
  };
}
