import type { Kernel } from '../../core/facts.ts';
import { call, type Operation } from '../../core/world/operation.ts';
import { do_machine_check, firstPoisoned } from './machine-check.ts';
import { contentRuns, writeContents, type Content, type ContentRun } from './contents.ts';
import { MAX_FRUITLESS, type FaultKind } from './fault.ts';
import { hugeZeroPfn } from './huge-memory.ts';
import {
  hasFlag,
  pfnAt,
  present,
  pteRuns,
  pteSame,
  wholeLeaves,
  withFlags,
  type Pte,
} from './pte.ts';
import { letGoOf } from './refault.ts';
import { do_user_addr_fault } from './user-fault.ts';
import { isZeroPage, zeroPfn } from './zero-page.ts';

/** What a run of loads or stores came to. */
export interface Accessed {
  /** Pages done. */
  readonly pages: number;
  /** Faults taken, runs of equal ones counted once. */
  readonly faults: number;
  /** What ended it: '' where all pages were done. */
  readonly signal: '' | 'SIGBUS' | 'SIGSEGV' | 'SIGKILL';
  /** The fault said all is well, again and again, and nothing had changed. */
  readonly stuck?: boolean;
  /** What a read found. */
  readonly runs: readonly ContentRun[];
}

/** May the CPU use the entry as it is? */
function usable(entry: Pte | undefined, write: boolean): entry is Pte {
  if (!present(entry) || hasFlag(entry, 'protnone')) return false;
  return !write || hasFlag(entry, 'write');
}

/** PFN behind a position of a present entry; that of the zero page where it maps that. */
export function pfnOf(k: Kernel, entry: Pte, position: number): number {
  if (!isZeroPage(entry)) return pfnAt(entry, position);
  return entry.level === 'pte' ? zeroPfn(k) : hugeZeroPfn(k);
}

const SIGNALS: Partial<Readonly<Record<FaultKind, Accessed['signal']>>> = {
  SIGBUS: 'SIGBUS',
  HWPOISON: 'SIGBUS',
  SIGSEGV: 'SIGSEGV',
  OOM: 'SIGKILL',
};

/**
 * A CPU reads or writes pages [start, end) of its address space, one after the other. The hardware
 * sets the accessed and dirty bits; where an entry does not let it, it faults and tries again.
 */
export function* userAccess(
  k: Kernel,
  mm: string,
  range: { readonly start: number; readonly end: number },
  content: Content | undefined,
): Operation<Accessed> {
  const write = content !== undefined;
  const runs: ContentRun[] = [];
  let at = range.start;
  let faults = 0;
  let fruitless = 0;
  while (at < range.end) {
    const [run] = pteRuns(k, at, range.end);
    if (!run) break;
    const { entry, end } = run;
    if (usable(entry, write)) {
      const bad = write ? undefined : poisonedPosition(k, entry, at, end);
      if (bad !== undefined) {
        if (bad > at) access(k, entry, at, bad, content, at - range.start, runs);
        yield* call(do_machine_check, { pfn: pfnAt(entry, bad) });
        return { pages: bad - range.start, faults, signal: 'SIGBUS', runs };
      }
      access(k, entry, at, end, content, at - range.start, runs);
      at = end;
      fruitless = 0;
      continue;
    }
    if (fruitless === MAX_FRUITLESS) {
      return { pages: at - range.start, faults, signal: '', stuck: true, runs };
    }
    faults += 1;
    const result = yield* call(do_user_addr_fault, {
      mm,
      start: at,
      end: range.end,
      write,
      user: true,
    });
    const signal = SIGNALS[result.fault];
    if (result.handled === 0 && signal) return { pages: at - range.start, faults, signal, runs };
    const same = result.handled === 0 && pteSame(k, at, entry);
    fruitless = same && !(yield* letGoOf(k, at, entry)) ? fruitless + 1 : 0;
  }
  return { pages: at - range.start, faults, signal: '', runs };
}

/** The first position whose page a load would find poisoned. */
function poisonedPosition(k: Kernel, entry: Pte, start: number, end: number): number | undefined {
  if (isZeroPage(entry) || k.world.count('badblocks') === 0) return undefined;
  const pfn = pfnAt(entry, start);
  const bad = firstPoisoned(k, pfn, pfn + end - start);
  return bad === undefined ? undefined : start + (bad - pfn);
}

/** The access itself, under one entry. */
function access(
  k: Kernel,
  entry: Pte,
  start: number,
  end: number,
  content: Content | undefined,
  done: number,
  runs: ContentRun[],
): void {
  const write = content !== undefined;
  const leaves = wholeLeaves(k, entry, start, end);
  k.world.update('ptes', leaves.start, leaves.end, ({ flags }) => ({
    flags: withFlags(flags, write ? { young: true, dirty: true } : { young: true }),
  }));
  const pfn = pfnOf(k, entry, start);
  if (content) {
    const nth = content.nth === null ? null : content.nth + done;
    writeContents(k, pfn, pfn + end - start, { word: content.word, nth });
  } else if (isZeroPage(entry)) runs.push({ pfn, end: pfn + end - start, word: 0, counts: false });
  else runs.push(...contentRuns(k, pfn, pfn + end - start));
}
