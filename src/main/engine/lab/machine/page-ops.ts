import { memory_failure, soft_offline_page } from '../../kernel/page/memory-failure.ts';
import { get_page, put_page } from '../../kernel/page/page-ref.ts';
import { call, fail, type KernelFunction } from '../../core/world/operation.ts';
import { countField, flagField } from './op-arguments.ts';
import { labOperation } from './lab-operation.ts';

const RUN = { pfn: countField(), pages: countField(1), refs: countField(1) };

/** `get-page: { pfn, pages, refs }`: whoever the actor is holds these pages from now on. */
const getPage = labOperation('get-page', RUN, function* (k, { pfn, pages, refs }) {
  const row = k.world.at('pages', pfn);
  if (!row || row.end < pfn + pages) return fail('EINVAL', 'lab: these pages have no struct page');
  return yield* call(get_page, { pfn, end: pfn + pages, refs });
});

/** `put-page: { pfn, pages, refs }`: gives the references back. */
const putPage = labOperation('put-page', RUN, function* (_k, { pfn, pages, refs }) {
  return yield* call(put_page, { pfn, end: pfn + pages, refs });
});

/** `memory-failure: { pfn, soft }`: damaged memory; `soft`: memory that begins to fail. */
const memoryFailure = labOperation(
  'memory-failure',
  { pfn: countField(), soft: flagField(false) },
  function* (_k, { pfn, soft }) {
    return yield* call(soft ? soft_offline_page : memory_failure, { pfn });
  },
);

/** Operations of a program on single pages, by name. */
export const PAGE_OPS: Readonly<Record<string, KernelFunction<never, unknown>>> = {
  'get-page': getPage,
  'put-page': putPage,
  'memory-failure': memoryFailure,
};
