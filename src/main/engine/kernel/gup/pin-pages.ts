import type { GupRun } from '../../../../shared/world/address-space-tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { mmapLock, type Mm } from '../mm/mm-struct.ts';
import { positionOf } from '../mm/position.ts';
import {
  call,
  failed,
  lockShared,
  unlock,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { follText, type Foll } from './foll-flags.ts';
import {
  get_user_pages,
  get_user_pages_remote,
  pin_user_pages,
  pin_user_pages_remote,
} from './get-user-pages.ts';
import { get_user_pages_fast, pin_user_pages_fast } from './gup-fast.ts';
import { get_user_pages_longterm } from './gup-longterm.ts';
import { holdsMmapLock, type GupRange } from './gup-range.ts';
import { closePin, holdPin, openPin, pagesHeld } from './pins.ts';

/** What a driver asks for. */
export interface PinRequest {
  /** Name of the pin from now on. */
  readonly pin: string;
  readonly mm: Mm;
  readonly address: bigint;
  readonly pages: number;
  readonly write: boolean;
  readonly force: boolean;
  readonly longterm: boolean;
  /** Takes peer memory too. */
  readonly pci_p2pdma: boolean;
  /** FOLL_GET in kernels that have FOLL_PIN. */
  readonly get: boolean;
  /** Tries without mmap_lock first; only for the caller's own memory. */
  readonly fast: boolean;
  readonly remote: boolean;
}

/** What a driver has then. */
export interface Pinned {
  readonly name: string;
  readonly pages: number;
  /** PFN of the first page. */
  readonly pfn: number;
  readonly runs: readonly GupRun[];
}

/** The flags a driver of this kernel can pass for what it wants. */
function flagsFor(k: Kernel, request: PinRequest): Foll {
  const pin = k.facts.era.get('pin_user_pages') && !request.get;
  const api = k.facts.era.get('longterm_api');
  if (request.longterm && api === 'none') {
    k.note('this kernel has no call for pages that are kept: get_user_pages()');
  }
  return {
    write: request.write,
    force: request.force,
    longterm: request.longterm && api !== 'none',
    pci_p2pdma: request.pci_p2pdma,
    [pin ? 'pin' : 'get']: true,
  };
}

function slowCall(k: Kernel, { remote }: PinRequest, flags: Foll) {
  const api = k.facts.era.get('longterm_api');
  if (flags.longterm && api === 'get_user_pages_longterm') return get_user_pages_longterm;
  if (flags.pin) return remote ? pin_user_pages_remote : pin_user_pages;
  return remote ? get_user_pages_remote : get_user_pages;
}

function fastCall(k: Kernel, request: PinRequest, flags: Foll) {
  if (!request.fast || request.remote) return undefined;
  if (flags.longterm && k.facts.era.get('longterm_api') !== 'FOLL_LONGTERM') {
    k.note('get_user_pages_fast() has no long references in this kernel');
    return undefined;
  }
  return flags.pin ? pin_user_pages_fast : get_user_pages_fast;
}

type Call = KernelFunction<GupRange, Outcome<number>>;

/** mmap_read_lock(); the call; mmap_read_unlock(). */
function* underMmapLock(k: Kernel, fn: Call, range: GupRange): Operation<Outcome<number>> {
  yield* lockShared(mmapLock(range.mm));
  const got = yield* call(fn, range);
  if (holdsMmapLock(k, range.mm)) yield* unlock(mmapLock(range.mm));
  return got;
}

/**
 * What a driver does to hold pages of a process: the call of its era. Fewer pages than asked for
 * are what the call found; none are an errno, and nothing is held. Only a call with flags that do
 * not go together ends without both: 0 pages.
 */
export function* pinPages(k: Kernel, request: PinRequest): Operation<Outcome<Pinned>> {
  const { pin, mm, address, pages } = request;
  const flags = flagsFor(k, request);
  openPin(k, {
    id: pin,
    actor: k.current(),
    mm: mm.id,
    address,
    nr_pages: pages,
    flags: follText(flags),
  });
  const start = positionOf(k, mm, address);
  const range = { pin, mm: mm.id, start, end: start + pages, flags };
  const fast = fastCall(k, request, flags);
  const got = fast
    ? yield* call(fast, range)
    : yield* underMmapLock(k, slowCall(k, request, flags), range);
  const { runs } = k.world.need('gup_pins', pin);
  if (failed(got) || pagesHeld(runs) === 0) closePin(k, pin);
  else holdPin(k, pin);
  if (failed(got)) return got;
  return { name: pin, pages: got, pfn: runs[0]?.pfn ?? 0, runs };
}
