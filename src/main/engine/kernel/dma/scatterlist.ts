import type { DmaSegment, SgEntry } from '../../../../shared/world/device-tables.ts';
import type { PhysRange } from '../p2pdma/scatterlist.ts';
import type { DIRECTIONS } from '../../../../shared/plugins/services/dma.ts';
import type { Kernel } from '../../core/facts.ts';
import { modelOf } from '../memmodel/models.ts';
import { fail, type Failure } from '../../core/world/operation.ts';

/** enum dma_data_direction. */
export type Direction = (typeof DIRECTIONS)[number];

/** `sg->length` is an unsigned int. */
const LONGEST_ENTRY = (1n << 32n) - 1n;

/** sg_phys(). */
export function sg_phys(k: Pick<Kernel, 'facts'>, { pfn, offset }: SgEntry): bigint {
  return (BigInt(pfn) << BigInt(k.facts.arch.page_shift)) + offset;
}

/**
 * sg_set_page() for each range. An entry holds a `struct page *`, and the mapping functions read
 * that page: memory without struct pages cannot be in a scatterlist at all.
 */
export function scatterlist(k: Kernel, ranges: readonly PhysRange[]): readonly SgEntry[] | Failure {
  const shift = BigInt(k.facts.arch.page_shift);
  const entries: SgEntry[] = [];
  for (const { phys, size } of ranges) {
    if (size === 0n) return fail('EINVAL', 'sg->length == 0');
    if (size > LONGEST_ENTRY) return fail('EINVAL', 'sg->length is 32 bits wide');
    const pfn = Number(phys >> shift);
    const missing = withoutPage(k, pfn, Number((phys + size - 1n) >> shift) + 1);
    if (missing !== undefined) {
      const how = `pfn_to_page(${missing}) of ${modelOf(k).name} gives an address without one`;
      k.note(`a scatterlist entry is a page, an offset and a length; ${how}`);
      return fail('EINVAL', `sg_page(sg): PFN ${missing} has no page`);
    }
    entries.push({ pfn, offset: phys - (BigInt(pfn) << shift), length: size });
  }
  return entries.length > 0 ? entries : fail('EINVAL', 'nents == 0');
}

/** The first PFN of [start, end) without a struct page. */
function withoutPage(k: Kernel, start: number, end: number): number | undefined {
  let pfn = start;
  while (pfn < end) {
    const row = k.world.at('pages', pfn);
    if (!row) return pfn;
    pfn = row.end;
  }
  return undefined;
}

/** The peer whose memory a page is; undefined for any other page (is_pci_p2pdma_page). */
export function peerOf(
  k: Kernel,
  pfn: number,
): { readonly provider: string; readonly bus_offset: bigint } | undefined {
  const pgmap = k.world.at('pages', pfn)?.pgmap;
  if (pgmap === undefined || pgmap === null) return undefined;
  for (const { provider, chunks } of k.world.rows('p2pdma')) {
    const chunk = chunks.find((part) => part.pgmap === pgmap);
    if (chunk) return { provider, bus_offset: chunk.bus - chunk.start };
  }
  return undefined;
}

/** A mapping as its driver sees it. */
export interface MappedSg {
  /** Key in `dma_mappings`. */
  readonly id: number;
  readonly segments: readonly DmaSegment[];
}

/** Writes the record of a live mapping; its number is one above the highest in use. */
export function remember(k: Kernel, row: Omit<Parameters<typeof putRow>[1], 'id'>): MappedSg {
  let last = 0;
  for (const { id } of k.world.rows('dma_mappings')) last = Math.max(last, id);
  putRow(k, { id: last + 1, ...row });
  return { id: last + 1, segments: row.dma };
}

function putRow(
  k: Kernel,
  row: {
    readonly id: number;
    readonly dev: string;
    readonly api: 'scatter-gather' | 'resource';
    readonly dir: Direction;
    readonly sg: readonly SgEntry[];
    readonly dma: readonly DmaSegment[];
    readonly iova_start: bigint | null;
    readonly iova_size: bigint;
  },
): void {
  k.world.put('dma_mappings', row);
}
