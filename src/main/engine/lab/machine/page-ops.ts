import type { PAGES } from '../../../../shared/lab/operations/pages.ts';
import { givePagesBack, takePages } from '../../kernel/buddy/pages-by-address.ts';
import { __free_pages, notAllocated } from '../../kernel/buddy/free-pages.ts';
import { GFP_NAMES, parseGfp } from '../../kernel/buddy/gfp.ts';
import { alloc_pages, blocksOf } from '../../kernel/buddy/page-alloc.ts';
import type { TakenRun } from '../../kernel/buddy/rmqueue.ts';
import type { Kernel } from '../../core/facts.ts';
import { numa_mem_id } from '../../kernel/buddy/numa-mem-id.ts';
import { compact_node } from '../../kernel/migrate/compaction.ts';
import { power_failure } from '../../kernel/mm/media.ts';
import { memory_failure, soft_offline_page } from '../../kernel/mm/memory-failure.ts';
import { get_page, put_page } from '../../kernel/page/page-ref.ts';
import { call, fail, failed } from '../../core/world/operation.ts';
import type { Bodies } from './bodies.ts';
import { walk_max_pfn } from './walk-max-pfn.ts';

/** What a lab sees of allocated pages. */
function allocated(k: Kernel, pfn: number, pages: number, ranges: readonly TakenRun[]) {
  const page = k.world.at('pages', pfn);
  const zone = k.facts.arch.zones[page?.zone ?? 0] ?? '';
  return { pfn, pages, ranges, node: page?.nid ?? 0, zone };
}

/** What a program does to pages by number. */
export const PAGE_OPS: Bodies<keyof typeof PAGES> = {
  *'alloc-pages'(k, { order = 0, pages = 2 ** order, gfp: name = 'GFP_KERNEL', ...where }) {
    const { pfn, use = 'kernel', node } = where;
    if (pfn !== undefined) {
      const taken = takePages(k, { pfn, nr_pages: pages, use });
      return failed(taken) ? taken : allocated(k, pfn, pages, [{ pfn, end: pfn + pages }]);
    }
    const gfp = parseGfp(k.facts, name);
    if (!gfp) return fail('EINVAL', `lab: no gfp \`${name}\`; expected ${GFP_NAMES.join(', ')}`);
    const count = pages / 2 ** order;
    const nid = node ?? (yield* call(numa_mem_id, {}));
    if (!k.world.get('nodes', nid)) return fail('EINVAL', `lab: there is no node ${nid}`);
    const runs = yield* call(alloc_pages, { order, gfp, nid, count });
    const [first] = runs;
    if (!first || blocksOf(runs, order) < count) {
      for (const run of runs) yield* call(__free_pages, { ...run, order });
      return fail('ENOMEM', 'alloc_pages() == NULL: no block that large above the min watermark');
    }
    return allocated(k, first.pfn, pages, runs);
  },

  *'free-pages'(k, { pfn, order, pages = 2 ** (order ?? 0) }) {
    const run = { pfn, end: pfn + pages, order: order ?? 0 };
    if (order === undefined && notAllocated(k, run)) {
      return givePagesBack(k, { pfn, nr_pages: pages });
    }
    return yield* call(__free_pages, run);
  },

  *'get-page'(k, { pfn, pages, refs }) {
    const row = k.world.at('pages', pfn);
    if (!row || row.end < pfn + pages) {
      return fail('EINVAL', 'lab: these pages have no struct page');
    }
    return yield* call(get_page, { pfn, end: pfn + pages, refs });
  },

  *'put-page'(_k, { pfn, pages, refs }) {
    return yield* call(put_page, { pfn, end: pfn + pages, refs });
  },

  *'power-failure'() {
    return { lost: yield* call(power_failure, {}) };
  },

  *'memory-failure'(_k, { pfn, soft }) {
    return yield* call(soft ? soft_offline_page : memory_failure, { pfn });
  },

  *compact(k, { node }) {
    if (!k.world.get('nodes', node)) return fail('ENODEV', `lab: there is no node ${node}`);
    return { moved: yield* call(compact_node, { nid: node }) };
  },

  *'walk-max-pfn'() {
    return yield* call(walk_max_pfn, {});
  },
};
