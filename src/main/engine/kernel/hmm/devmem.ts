import { devm_memremap_pages } from '../memremap/memremap.ts';
import { fromTheTop, get_free_mem_region } from '../resource/free-region.ts';
import {
  call,
  fail,
  failed,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';

const SOURCE = 'mm/hmm.c';

/** struct hmm_devmem, as far as a driver looks at it; bytes, end inclusive. */
export interface HmmDevmem {
  readonly pgmap: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** The driver: its callbacks are `fault` and `free` of struct hmm_devmem_ops. */
interface Driver {
  readonly device: string;
  readonly nid: number;
}

const OPS = ['page_fault', 'page_free'];
const GONE = 'model: this kernel has no hmm_devmem_add(); see memremap_pages()';

/** Struct pages for `range`, in bytes, end inclusive. */
function* pagesFor(
  { device, nid }: Driver,
  type: 'PRIVATE' | 'PUBLIC',
  { start, end }: { start: bigint; end: bigint },
): Operation<Outcome<HmmDevmem>> {
  const asked = { type, ranges: [{ start, end }], ops: OPS, owner: device, device, nid };
  const pages = yield* call(devm_memremap_pages, asked);
  return failed(pages) ? pages : { pgmap: pages.pgmap, start, end };
}

/**
 * hmm_devmem_add(), 4.14 to 5.2: a free range of physical addresses, in whole sections, for memory
 * the CPU cannot address, and struct pages for it. -ERANGE where no range is free; -ENXIO and -EBUSY
 * of hmm_devmem_pages_create().
 */
export const hmm_devmem_add = operation<Driver & { size: bigint }, Outcome<HmmDevmem>>(
  'hmm_devmem_add',
  `${SOURCE}:hmm_devmem_add`,
  function* (k, { device, nid, size }) {
    if (!k.facts.era.get('hmm_devmem')) return fail('EOPNOTSUPP', GONE);
    const region = yield* call(get_free_mem_region, { ...fromTheTop(k), size, name: device });
    if (failed(region)) return region;
    return yield* pagesFor({ device, nid }, 'PRIVATE', region);
  },
  { show: ({ device, size }) => ({ device, size }) },
);

/**
 * hmm_devmem_add_resource(): the same for memory the CPU can address, where firmware says it is.
 * -EINVAL unless the resource is described as IORES_DESC_DEVICE_PUBLIC_MEMORY.
 */
export const hmm_devmem_add_resource = operation<
  Driver & { start: bigint; end: bigint },
  Outcome<HmmDevmem>
>(
  'hmm_devmem_add_resource',
  `${SOURCE}:hmm_devmem_add_resource`,
  function* (k, { device, nid, start, end }) {
    if (!k.facts.era.get('hmm_devmem')) return fail('EOPNOTSUPP', GONE);
    const res = [...k.world.rows('resources')].find((r) => r.start === start && r.end === end);
    if (res?.desc !== 'DEVICE_PUBLIC_MEMORY') {
      return fail('EINVAL', 'res->desc != IORES_DESC_DEVICE_PUBLIC_MEMORY');
    }
    return yield* pagesFor({ device, nid }, 'PUBLIC', { start, end });
  },
  { show: ({ device, start, end }) => ({ device, start, end }) },
);
