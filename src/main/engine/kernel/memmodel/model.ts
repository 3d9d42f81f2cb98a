import type { Look } from '../../core/direct-map.ts';
import { encodeFlags, flagList } from '../page/flags.ts';
import type { ModelName } from '../../core/arch/model-config.ts';

/** Whether a PFN has a struct page, and whether its page is online. */
export interface Validity {
  readonly valid: boolean;
  readonly online: boolean;
  /** The test that decided, with this machine's numbers. */
  readonly why: string;
}

/** One line of a conversion: the kernel expression, and what it comes to on this machine. */
export interface ConversionStep {
  readonly what: string;
  readonly text: string;
}

/** pfn_to_page(): the address; undefined where the kernel would follow a pointer to nowhere. */
export interface ToPage {
  readonly steps: readonly ConversionStep[];
  readonly page: bigint | undefined;
}

/** page_to_pfn(); undefined where there is no struct page at the address to read. */
export interface ToPfn {
  readonly steps: readonly ConversionStep[];
  readonly pfn: number | undefined;
}

/** Memory a model costs: bytes, and who pays ("node 0, RAM"). */
export interface OverheadLine {
  readonly what: string;
  readonly bytes: bigint;
  readonly charged: string;
}

/** A physical memory model: what the kernel does to get from a PFN to its struct page and back. */
export interface MemoryModel {
  readonly name: ModelName;
  /** The Kconfig symbol that selects it. */
  readonly symbol: string;
  pfnValid(look: Look, pfn: number): Validity;
  pfnToPage(look: Look, pfn: number): ToPage;
  /** `page`: the address of a struct page. */
  pageToPfn(look: Look, page: bigint): ToPfn;
  /** Physical address of the struct page of a valid PFN; undefined where it is not known. */
  stored(look: Look, pfn: number): bigint | undefined;
  overhead(look: Look): OverheadLine[];
}

/** Lower-case hex with 0x, as conversions show addresses and PFNs. */
export function hex(value: number | bigint): string {
  return value < 0 ? `\u2212${hex(-value)}` : `0x${value.toString(16)}`;
}

/** sizeof(struct page). */
export function pageSize({ facts }: Look): bigint {
  return BigInt(facts.arch.sizeof_page);
}

/** page->flags of a PFN as it is in memory now: 0 before it was initialised. */
export function flagsWordOf({ facts, world }: Look, pfn: number): bigint {
  const page = world.at('pages', pfn);
  if (!page || page.state === 'zero') return 0n;
  if (page.state === 'poison') return (1n << BigInt(facts.arch.bits_per_long)) - 1n;
  return encodeFlags(facts, {
    zone: page.zone,
    nid: page.nid,
    flags: flagList(page.flags),
    section: Math.floor(pfn / facts.arch.pages_per_section),
  });
}

/** Shared opening of the two sparse models: which section, and where its mem_section is. */
export function sectionSteps({ facts }: Look, pfn: number): ConversionStep[] {
  const { arch } = facts;
  const nr = Math.floor(pfn / arch.pages_per_section);
  const shift = arch.section_size_bits - arch.page_shift;
  const place =
    arch.section_array === 'static'
      ? `mem_section[${nr}]`
      : `mem_section[${Math.floor(nr / arch.sections_per_root)}][${nr % arch.sections_per_root}]`;
  return [
    { what: 'pfn_to_section_nr', text: `${hex(pfn)} >> ${shift} = ${nr}` },
    { what: '__nr_to_section', text: place },
  ];
}
