import type { Look } from '../../engine/core/direct-map.ts';
import { modelOf } from '../../engine/kernel/memmodel/models.ts';
import type { Inspection } from '../inspect/context.ts';
import { hex } from '../inspect/format.ts';

/** Functions listed at most. */
const LISTED = 8;

/** What a number or a name that somebody typed can mean: places to select or go to. */
export function resolvePlace(
  { facts, source, world }: Inspection,
  text: string,
): { link: string; label: string }[] {
  const typed = text.trim().toLowerCase();
  const links: { link: string; label: string }[] = [];
  const { arch } = facts;
  const named = /^(step|pfn|section|phys|address)[ :]+(.*)$/.exec(typed);
  const kind = named?.[1];
  const digits = (named?.[2] ?? typed).replaceAll(/[\s_]/g, '');
  if (/^(0x[0-9a-f]+|\d+)$/.test(digits)) {
    const value = BigInt(digits);
    const limit = 1n << BigInt(arch.max_physmem_bits - arch.page_shift);
    const wanted = (which: string): boolean => kind === undefined || kind === which;
    if (wanted('step') && value <= BigInt(source.length)) {
      links.push({ link: `step:${value}`, label: `step ${value}` });
    }
    if (wanted('pfn') && value < limit) {
      links.push({ link: `pfn:${value}`, label: `pfn ${hex(value)}` });
    }
    const pfn = value >> BigInt(arch.page_shift);
    if ((wanted('phys') || kind === 'address') && pfn < limit && value >= 4096n) {
      links.push({ link: `pfn:${pfn}`, label: `physical address ${hex(value)}, pfn ${hex(pfn)}` });
    }
    if (wanted('section') && value < BigInt(arch.nr_mem_sections)) {
      links.push({ link: `section:${value}`, label: `section ${value}` });
    }
    const page = kind === undefined ? structPageAt({ facts, world }, value) : undefined;
    if (page !== undefined) {
      links.push({ link: `pfn:${page}`, label: `struct page of pfn ${hex(page)}` });
    }
    return links;
  }
  for (const zone of world.rows('zones')) {
    if (zone.spanned_pages > 0 && zone.name.toLowerCase().startsWith(typed)) {
      links.push({
        link: `zone:${zone.nid}:${zone.name}`,
        label: `zone ${zone.name} of node ${zone.nid}`,
      });
    }
  }
  const seen = new Set<string>();
  for (let seq = 1; seq <= source.length && seen.size < LISTED; seq += 1) {
    const { fn } = source.step(seq);
    if (seen.has(fn) || !fn.toLowerCase().includes(typed)) continue;
    seen.add(fn);
    links.push({ link: `step:${seq}`, label: `${fn}, step ${seq}` });
  }
  return links;
}

/** The PFN whose struct page is at an address; undefined where none can be. */
function structPageAt(look: Look, address: bigint): number | undefined {
  const { arch } = look.facts;
  const model = modelOf(look);
  const pfn = model.pageToPfn(look, address).pfn;
  if (pfn === undefined || pfn < 0 || pfn >= 2 ** (arch.max_physmem_bits - arch.page_shift)) {
    return undefined;
  }
  const certain = model.name === 'sparsemem-vmemmap' || model.pfnValid(look, pfn).valid;
  return certain ? pfn : undefined;
}
