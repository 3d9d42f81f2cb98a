// Which pages of a device's memory are free: a stack of runs in two registers of the model, one that
// holds the runs (`json`, with a count) and one that says how many there are (`u32`).

/** @import { Kernel, Steps } from '../../../../plugins/api.d.ts' */

/** @typedef {{ pfn: number, end: number }} Run `end`: past the last page */
/** @typedef {{ readonly runs: string, readonly top: string, readonly most: number }} FreeList names of the two registers, and how many runs the first has room for */

/** @param {Kernel} k @param {FreeList} list */
const depth = (k, list) => /** @type {number} */ (k.read(list.top));
/** @param {Kernel} k @param {FreeList} list @param {number} at */
const runAt = (k, list, at) => /** @type {Run} */ (k.read(list.runs, at));

/**
 * Gives pages to the list. A run that goes on where the last one ended, or ends where it began, is
 * joined to it.
 *
 * @param {Kernel} k
 * @param {FreeList} list
 * @param {Run} run
 * @returns {boolean} false where the list is full: the pages are lost to it
 */
export function push(k, list, { pfn, end }) {
  const top = depth(k, list);
  const last = top === 0 ? null : runAt(k, list, top - 1);
  if (last !== null && last.pfn === end) k.write(list.runs, top - 1, { pfn, end: last.end });
  else if (last !== null && last.end === pfn) k.write(list.runs, top - 1, { pfn: last.pfn, end });
  else if (top < list.most) {
    k.write(list.runs, top, { pfn, end });
    k.write(list.top, top + 1);
  } else {
    k.note('the list of free pages is full: these pages are lost until the driver is bound again');
    return false;
  }
  return true;
}

/** @param {Kernel} k @param {FreeList} list @param {number} at */
function remove(k, list, at) {
  const top = depth(k, list) - 1;
  if (at < top) k.write(list.runs, at, runAt(k, list, top));
  k.write(list.runs, top, null);
  k.write(list.top, top);
}

/**
 * Takes a run of free pages, at most `pages` rounded up to whole blocks of 2^order at their alignment.
 *
 * @param {Kernel} k
 * @param {FreeList} list
 * @param {number} pages
 * @param {number} [order]
 * @returns {Run | null} null where there is no such block
 */
export function take(k, list, pages, order = 0) {
  const size = 2 ** order;
  for (let at = depth(k, list) - 1; at >= 0; at -= 1) {
    const { pfn, end } = runAt(k, list, at);
    const first = Math.ceil(pfn / size) * size;
    const last = Math.min(first + Math.ceil(pages / size) * size, Math.floor(end / size) * size);
    if (first >= last) continue;
    if (first === pfn && last < end) k.write(list.runs, at, { pfn: last, end });
    else {
      remove(k, list, at);
      if (last < end) push(k, list, { pfn: last, end });
      if (pfn < first) push(k, list, { pfn, end: first });
    }
    return { pfn: first, end: last };
  }
  return null;
}

/**
 * Forgets every run that has a page of [pfn, end); all of them where no range is given.
 *
 * @param {Kernel} k
 * @param {FreeList} list
 * @param {Run} [range]
 */
export function forget(k, list, range = { pfn: 0, end: Infinity }) {
  const top = depth(k, list);
  let kept = 0;
  for (let at = 0; at < top; at += 1) {
    const run = runAt(k, list, at);
    k.write(list.runs, at, null);
    if (run.pfn < range.end && run.end > range.pfn) continue;
    k.write(list.runs, kept, run);
    kept += 1;
  }
  k.write(list.top, kept);
}

/**
 * The pages of [pfn, end) that are not free, in order.
 *
 * @param {Kernel} k
 * @param {FreeList} list
 * @param {Run} range
 * @returns {Run[]}
 */
export function usedRuns(k, list, range) {
  /** @type {Run[]} */
  const free = [];
  for (let at = 0; at < depth(k, list); at += 1) free.push(runAt(k, list, at));
  free.sort((a, b) => a.pfn - b.pfn);
  const used = [];
  let at = range.pfn;
  for (const { pfn, end } of free) {
    if (end <= at || pfn >= range.end) continue;
    if (pfn > at) used.push({ pfn: at, end: pfn });
    at = end;
  }
  if (at < range.end) used.push({ pfn: at, end: range.end });
  return used;
}

/**
 * Readies pages of a device for whoever gets them, as each kernel wants it: locked, and with a
 * reference where the page does not have one from its pagemap already.
 *
 * @param {Kernel} k
 * @param {Run} run
 * @param {number} [order] of the folios they become
 * @returns {Steps<void>}
 */
export function* readyPages(k, run, order = 0) {
  switch (k.switch('device_page_allocation')) {
    case 'zone_device_page_init':
      yield k.zone_device_page_init({ ...run, order });
      return;
    case 'get_page':
      yield k.get_page(run);
      yield k.lock_page(run);
      return;
    default:
      yield k.lock_page(run);
  }
}
