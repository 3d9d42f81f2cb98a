import type { PageState } from '../../../shared/bench/views.ts';
import type { RowOf } from '../../../shared/world/tables.ts';
import type { Facts } from '../../engine/core/facts.ts';

/** What a struct page says its page is used for. */
export function pageStateOf(row: RowOf<'pages'> | undefined, facts: Facts): PageState {
  if (!row) return 'absent';
  if (row.state === 'zero') return 'uninit';
  if (row.state === 'poison') return 'poisoned';
  const device = facts.arch.zones[row.zone] === 'Device';
  if (row.pgmap !== null) return row.refcount > 1 ? 'pinned' : 'idle';
  if (device) return 'memmap';
  if (row.buddy) return 'free';
  if (row.flags.includes('reserved')) return 'reserved';
  return 'used';
}

const WORDS: Readonly<Record<PageState, string>> = {
  absent: 'absent',
  uninit: 'not initialised',
  free: 'free',
  used: 'used',
  reserved: 'reserved',
  memmap: 'memmap',
  idle: 'data',
  mapped: 'mapped',
  pinned: 'pinned',
  poisoned: 'poisoned',
};

/** "128 512 pages · data · ref 0". */
export function extentLabel(row: RowOf<'pages'>, facts: Facts): string {
  const pages = row.end - row.start;
  const count = String(pages).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
  const state = pageStateOf(row, facts);
  const reference = row.state === 'init' ? ` \u00b7 ref ${row.refcount}` : '';
  return `${count} ${pages === 1 ? 'page' : 'pages'} \u00b7 ${WORDS[state]}${reference}`;
}
