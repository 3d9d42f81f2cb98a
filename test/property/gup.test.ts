import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed } from '../../src/main/engine/core/world/operation.ts';
import { formatHash } from '../../src/main/engine/core/world/hash.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import {
  AT,
  came,
  daxEntry,
  DEVICE_PFN,
  mapDevice,
  mapPages,
  pin,
  unpin,
  VA,
  withProcess,
} from '../unit/gup/address-space.ts';

const PAGES = 300;
/** Pages from here on may only be read. */
const READ_ONLY = 200;
const VERSIONS = ['4.14', '4.20', '5.3', '5.14', '5.19', '6.1', '6.12', '6.18', '7.2'];

const op = fc.record({
  at: fc.nat(PAGES + 20),
  pages: fc.integer({ min: 1, max: 200 }),
  write: fc.boolean(),
  longterm: fc.boolean(),
  fast: fc.boolean(),
  get: fc.boolean(),
  /** Gives back an older pin first, where there is one. */
  back: fc.nat(3),
});

/** Device pages mapped as device-dax does, the last third read-only, nothing behind them. */
function device(version: string) {
  const bench = withProcess(version);
  mapDevice(bench, version === '4.20' ? 0 : 'GENERIC');
  const entry = daxEntry(version);
  mapPages(bench, { pages: READ_ONLY, pfn: DEVICE_PFN, vm_ops: 'dev_dax', entry });
  mapPages(bench, {
    at: AT + READ_ONLY,
    pages: PAGES - READ_ONLY,
    pfn: DEVICE_PFN + READ_ONLY,
    vm_ops: 'dev_dax',
    vm: ['read', 'shared', 'mayread'],
    entry: entry.replace('write|', ''),
  });
  return bench;
}

describe('any order of pins', () => {
  it('counts each page as an array of counts does, and comes back to where it began', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VERSIONS), fc.array(op, { maxLength: 12 }), (version, ops) => {
        const bench = device(version);
        const { era } = bench.facts;
        const start = formatHash(bench.world.hash());
        const from = bench.log.length;
        const extra = new Array<number>(PAGES).fill(0);
        const held: { name: string; at: number; pages: number; refs: number }[] = [];
        const add = (at: number, pages: number, by: number) => {
          for (let page = at; page < at + pages; page += 1) extra[page] = (extra[page] ?? 0) + by;
        };
        const giveBack = (index: number) => {
          const [one] = held.splice(index, 1);
          if (!one) return;
          expect(unpin(bench, one.name)).toBeUndefined();
          add(one.at, one.pages, -one.refs);
        };
        for (const [nr, { at, pages, back, ...flags }] of ops.entries()) {
          if (back < held.length) giveBack(back);
          const name = `p${nr}`;
          const address = VA + (BigInt(at) << 12n);
          const got = pin(bench, pages, { ...flags, pin: name, address });
          // As far as there are pages that allow it, from the first on.
          const limit = flags.write ? READ_ONLY : PAGES;
          const want = Math.max(0, Math.min(at + pages, limit) - at);
          const refused = flags.longterm && flags.get && era.get('longterm_needs_pin');
          if (refused) expect(came(got)).toBe('EINVAL');
          else expect(came(got)).toBe(want > 0 ? want : 'EFAULT');
          if (failed(got)) continue;
          const pinned = era.get('foll_pin') && !flags.get;
          held.push({ name, at, pages: want, refs: pinned ? 1024 : 1 });
          add(at, want, pinned ? 1024 : 1);
        }
        for (const [page, more] of extra.entries()) {
          expect(bench.world.at('pages', DEVICE_PFN + page)?.refcount).toBe(1 + more);
        }
        while (held.length > 0) giveBack(0);
        const end = formatHash(bench.world.hash());
        expect(end).toBe(start);
        const cursor = new Cursor(bench.log, bench.log.length);
        cursor.seek(from);
        expect(cursor.hashText()).toBe(start);
        cursor.seek(bench.log.length);
        expect(cursor.hashText()).toBe(end);
      }),
      { numRuns: 80 },
    );
  });
});
