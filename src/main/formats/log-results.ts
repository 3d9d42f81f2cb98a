/**
 * Lines in which a booting kernel states results: zones, nodes, last page frames. They become
 * expectations, never input. Formats: `mm/mm_init.c:free_area_init, free_area_init_node,
 * init_unavailable_range` (before 6.3 in `mm/page_alloc.c`), `mm/mm_init.c:mem_init_print_info`,
 * `arch/x86/kernel/e820.c:e820__end_of_ram_pfn`.
 */
import { ZONE_NAMES } from '../../shared/lab/expectations/declaration.ts';
import type { ExpectEntry, Want } from '../../shared/lab/expectations/expectations.ts';
import type { ZoneName } from '../../shared/lab/expectations/declaration.ts';
import { readCount } from '../../shared/lab/quantity.ts';
import { span } from './e820-line.ts';
import type { NoteReason } from './note.ts';

/** What became of a line: used, or why not. */
export type Taken = 'used' | { reason: NoteReason; why?: string };

export interface LogResults {
  /** Offers one message. Undefined: it states no result. */
  take(message: string, line: number, unterminated: boolean): Taken | undefined;
  /** Node ids the results mention. */
  nodes: Set<number>;
  finish(): ExpectEntry[];
}

const ZONE = `(${ZONE_NAMES.join('|')})`;
const ZONE_RANGE = new RegExp(`^ {2,}${ZONE} +(\\[mem 0x.*\\]|empty)$`);
const NODE_RANGE = /^ {2,}node +(\d{1,4}): (\[mem 0x.*\])$/;
const MOVABLE = /^ {2,}Node (\d{1,4}): 0x([0-9a-f]{1,16})$/;
const INITMEM =
  /^Initmem setup node (\d{1,4}) (\[mem 0x[0-9a-f]{16}-0x[0-9a-f]{16}\]|as memoryless)$/;
const TOTAL = /^On node (\d{1,4}) totalpages: (\d{1,15})$/;
const PRESENT = new RegExp(`^ {2,}${ZONE} zone: (\\d{1,15}) pages, LIFO batch:\\d+$`);
const UNAVAILABLE = new RegExp(
  `^On node (\\d{1,4}), zone ${ZONE}: (\\d{1,15}) pages in unavailable ranges$`,
);
const ZEROED = /^Zeroed struct page in unavailable ranges: (\d{1,15}) pages$/;
const LAST_PFN = /^(?:e820: )?last_pfn = 0x([0-9a-f]{1,13}) max_arch_pfn = 0x[0-9a-f]{1,13}$/;
const MEMORY = /^Memory: \d+K\/(\d{1,15})K available \(/;
const LOOKS_LIKE_RESULT =
  /^(?:On node \d+,? |Initmem setup node |Zeroed struct page |(?:e820: )?last_pfn |Memory: \d)/;
/** Block headings, used as such. */
const HEADINGS = /^(?:Zone ranges:|Movable zone start for each node|Early memory node ranges)$/;

/** 4 GiB in pages: x86 looks a second time for the last RAM below it. */
const PFN_4G = 0x100000;
const MAX_NODES = 1024;

const used: Taken = 'used';
const damaged: Taken = { reason: 'damaged' };

export function logResults(file: string): LogResults {
  const nodes = new Set<number>();
  const entries: ExpectEntry[] = [];
  const byNode = new Map<number, Want<'node'>>();
  const unavailable = new Map<string, Want<'unavailable'>>();
  const lastPfns: { pfn: number; line: number }[] = [];
  let currentNode: number | undefined;

  const add = (entry: Pick<ExpectEntry, 'kind' | 'want'>, line: number) =>
    entries.push({ ...entry, source: { file, line, column: 1 } } as ExpectEntry);
  const nodeId = (text: string | undefined): number | undefined => {
    const id = Number(text);
    if (id >= MAX_NODES) return undefined;
    nodes.add(id);
    return id;
  };
  const nodeOf = (id: number, line: number): Want<'node'> => {
    let want = byNode.get(id);
    if (!want) {
      want = { id };
      byNode.set(id, want);
      add({ kind: 'node', want }, line);
    }
    return want;
  };
  const pages = (text: string | undefined): number | undefined => {
    const read = readCount(text);
    return read.ok ? read.value : undefined;
  };

  function zoneRange(zone: ZoneName, range: string, line: number): Taken {
    if (range === 'empty') add({ kind: 'zone_range', want: { zone, empty: true } }, line);
    else {
      const read = span(range);
      if (!read) return damaged;
      add({ kind: 'zone_range', want: { zone, start: read.start, end: read.end } }, line);
    }
    return used;
  }

  function initmem(id: number, range: string, line: number): Taken {
    const want = nodeOf(id, line);
    if (range === 'as memoryless') want.present = 0;
    else {
      const read = span(range);
      if (!read) return damaged;
      want.start = read.start;
      want.end = read.end;
    }
    return used;
  }

  function take(message: string, line: number, unterminated: boolean): Taken | undefined {
    if (HEADINGS.test(message)) return used;
    let match = ZONE_RANGE.exec(message);
    if (match) return zoneRange(match[1] as ZoneName, match[2] ?? '', line);
    match = NODE_RANGE.exec(message);
    if (match) {
      const id = nodeId(match[1]);
      const read = span(match[2] ?? '');
      if (id === undefined || !read) return damaged;
      const want = nodeOf(id, line);
      (want.ranges ??= []).push({ start: read.start, end: read.end });
      return used;
    }
    match = INITMEM.exec(message);
    if (match) {
      const id = nodeId(match[1]);
      return id === undefined ? damaged : initmem(id, match[2] ?? '', line);
    }
    // The figures below end their line, so a cut line would give a smaller one.
    const counted =
      MOVABLE.exec(message) ??
      TOTAL.exec(message) ??
      LAST_PFN.exec(message) ??
      PRESENT.exec(message);
    if (counted && unterminated) return { reason: 'damaged', why: 'the file ends here' };
    match = MOVABLE.exec(message);
    if (match) {
      const id = nodeId(match[1]);
      if (id === undefined) return damaged;
      add({ kind: 'movable_start', want: { node: id, start: BigInt(`0x${match[2]}`) } }, line);
      return used;
    }
    match = TOTAL.exec(message);
    if (match) {
      currentNode = nodeId(match[1]);
      const present = pages(match[2]);
      if (currentNode === undefined || present === undefined) return damaged;
      nodeOf(currentNode, line).present = present;
      return used;
    }
    match = PRESENT.exec(message);
    if (match) {
      const present = pages(match[2]);
      if (currentNode === undefined || present === undefined) {
        return { reason: 'not used', why: 'no node was named before it' };
      }
      add({ kind: 'zone', want: { node: currentNode, zone: match[1] as ZoneName, present } }, line);
      return used;
    }
    match = UNAVAILABLE.exec(message);
    if (match) {
      const id = nodeId(match[1]);
      const count = pages(match[3]);
      if (id === undefined || count === undefined) return damaged;
      const key = `${id} ${match[2]}`;
      const want = unavailable.get(key);
      if (want) want.pages += count;
      else {
        const first = { pages: count, node: id, zone: match[2] as ZoneName };
        unavailable.set(key, first);
        add({ kind: 'unavailable', want: first }, line);
      }
      return used;
    }
    match = ZEROED.exec(message);
    if (match) {
      add({ kind: 'unavailable', want: { pages: pages(match[1]) ?? 0 } }, line);
      return used;
    }
    match = LAST_PFN.exec(message);
    if (match) {
      lastPfns.push({ pfn: Number.parseInt(match[1] ?? '0', 16), line });
      return used;
    }
    match = MEMORY.exec(message);
    if (match) {
      const kib = pages(match[1]);
      if (kib === undefined || kib % 4 !== 0) return damaged;
      add({ kind: 'var', want: { physpages: kib / 4 } }, line);
      return used;
    }
    if (LOOKS_LIKE_RESULT.test(message)) return { reason: 'not used' };
    return undefined;
  }

  function finish(): ExpectEntry[] {
    // With RAM above 4 GiB the kernel also prints where RAM below it ends; that is not max_pfn.
    const above = lastPfns.filter(({ pfn }) => pfn > PFN_4G);
    const last = (above.length > 0 ? above : lastPfns).at(-1);
    if (last) add({ kind: 'var', want: { max_pfn: last.pfn } }, last.line);
    return entries.sort((a, b) => a.source.line - b.source.line);
  }

  return { take, nodes, finish };
}
