import { describe, expect, it } from 'vitest';
import {
  folio_lock,
  folio_trylock,
  folio_unlock,
  folio_wait_locked,
} from '../../../src/main/engine/kernel/page/page-lock.ts';
import { smallMachine, type Bench } from '../pgmap/small-machine.ts';

const RUN = { pfn: 0x2000, end: 0x2002 };
const flags = ({ world }: Bench) =>
  [0x1fff, 0x2000, 0x2001, 0x2002].map((pfn) => world.at('pages', pfn)?.flags);

/** The last step of a function: still inside it while `end` is undefined. */
function stepOf({ log }: Bench, name: string) {
  const steps = Array.from({ length: log.length }, (_, at) => log.step(at + 1));
  return steps.findLast(({ fn }) => fn === name);
}

describe('the lock bit of pages', () => {
  it('folio_trylock takes all pages of a run or none', () => {
    const bench = smallMachine();
    expect(bench.call(folio_trylock, { pfn: 0x2001, end: 0x2002 })).toBe(true);
    expect(bench.call(folio_trylock, RUN)).toBe(false);
    expect(flags(bench)).toEqual(['', '', 'locked', '']);
  });

  it('folio_trylock locks a compound page as a whole, whichever page is given', () => {
    const bench = smallMachine();
    bench.world.update('pages', 0x2000, 0x2004, { compound_order: 2 });
    expect(bench.call(folio_trylock, { pfn: 0x2002, end: 0x2003 })).toBe(true);
    expect(bench.world.at('pages', 0x2000)).toMatchObject({ end: 0x2004, flags: 'locked' });
    expect(bench.world.at('pages', 0x2004)?.flags).toBe('');
  });

  it('folio_lock sleeps on a locked page until folio_unlock, and has the lock then', () => {
    const bench = smallMachine();
    bench.call(folio_trylock, RUN);
    expect(() => bench.call(folio_lock, RUN, 'second')).toThrow('the call blocks');
    const waiting = stepOf(bench, 'folio_lock');
    expect(waiting?.end).toBeUndefined();
    expect(bench.call(folio_unlock, RUN)).toBeUndefined();
    expect(waiting?.end).toBeGreaterThan(stepOf(bench, 'folio_unlock')?.seq ?? 0);
    expect(flags(bench)).toEqual(['', 'locked', 'locked', '']);
  });

  it('folio_wait_locked sleeps until folio_unlock and takes no lock', () => {
    const bench = smallMachine();
    bench.call(folio_trylock, RUN);
    expect(() => bench.call(folio_wait_locked, RUN, 'second')).toThrow('the call blocks');
    bench.call(folio_unlock, RUN);
    expect(stepOf(bench, 'folio_wait_locked')?.end).toBeDefined();
    expect(flags(bench)).toEqual(['', '', '', '']);
  });

  // 5.16, "mm/filemap: Add folio_lock()" and its neighbours: the page functions before.
  it.each([
    { name: 'trylock_page', fn: folio_trylock, after: 'locked' },
    { name: 'lock_page', fn: folio_lock, after: 'locked' },
    { name: 'unlock_page', fn: folio_unlock, after: '' },
  ])('$name is its name in 5.10', ({ name, fn, after }) => {
    const bench = smallMachine('5.10');
    bench.call(fn as typeof folio_lock, RUN);
    expect(stepOf(bench, name)?.fn).toBe(name);
    expect(bench.world.at('pages', 0x2000)?.flags).toBe(after);
  });
});
