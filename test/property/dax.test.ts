import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folioMapcount } from '../../src/main/engine/kernel/dax/busy-page.ts';
import type { Kernel } from '../../src/main/engine/core/facts.ts';
import { DaxLab, FIRST_BLOCK, FSDAX } from '../unit/dax/dax-lab.ts';

/** Pages of the file the programs are about: two PMDs. */
const PAGES = 1024;
const BASE = 0x7f0000000000n;

const span = fc
  .record({
    from: fc.oneof(fc.nat(8), fc.constantFrom(511, 512), fc.nat(PAGES - 1)),
    pages: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom(512, PAGES)),
  })
  .map(({ from, pages }) => ({ from, pages: Math.min(pages, PAGES - from) }));

const step = fc.record({
  op: fc.constantFrom('read', 'write', 'private', 'pin', 'cut', 'punch', 'unmap', 'grow', 'file'),
  actor: fc.constantFrom('app', 'other'),
  span,
});
type Step = { op: string; actor: string; span: { from: number; pages: number } };

const va = (actor: string, page: number, base = BASE) =>
  `0x${(base + (actor === 'other' ? 0x10000000000n : 0n) + BigInt(page) * 4096n).toString(16)}`;
const bytes = (pages: number) => `${pages * 4}KiB`;

/** A program: whoever cuts the file lets go of all pins meanwhile, else it would wait for ever. */
function programOf(steps: readonly Step[], allocate: string): string[] {
  const lines = [`{ do: create-file, file: /mnt/a, size: ${bytes(PAGES)}, allocate: ${allocate} }`];
  const mmap = (actor: string) =>
    `{ actor: ${actor}, do: mmap, file: /mnt/a, at: ${va(actor, 0)}, size: ${bytes(PAGES)}, shared: true }`;
  lines.push(mmap('app'), mmap('other'));
  let pins: { actor: string; name: string }[] = [];
  const cut = (line: string) => {
    const back = pins.map(({ actor, name }) => `{ actor: ${actor}, do: unpin, name: ${name} }`);
    pins = [];
    lines.push(back.length === 0 ? line : `concurrently: [ ${[line, ...back].join(', ')} ]`);
  };
  for (const [
    n,
    {
      op,
      actor,
      span: { from, pages },
    },
  ] of steps.entries()) {
    const range = `va: ${va(actor, from)}, size: ${bytes(pages)}`;
    const where = `offset: ${bytes(from)}, size: ${bytes(pages)}`;
    if (op === 'read') lines.push(`{ actor: ${actor}, do: read, ${range}, catch: true }`);
    if (op === 'write')
      lines.push(`{ actor: ${actor}, do: write, ${range}, word: ${n}, catch: true }`);
    if (op === 'private') {
      const at = va(actor, 0, BASE + 0x1000000000n);
      lines.push(
        `{ actor: ${actor}, do: mmap, file: /mnt/a, at: ${at}, size: ${bytes(PAGES)} }`,
        `{ actor: ${actor}, do: write, va: ${at}, size: ${bytes(Math.min(pages, 8))}, word: ${n}, catch: true }`,
      );
    }
    if (op === 'pin') {
      lines.push(
        `{ actor: ${actor}, do: pin, va: ${va(actor, from)}, pages: ${pages}, write: true, as: p${n} }`,
      );
      pins.push({ actor, name: `p${n}` });
    }
    if (op === 'unmap') lines.push(`{ actor: ${actor}, do: munmap, ${range} }`, mmap(actor));
    if (op === 'cut') cut(`{ actor: admin, do: truncate, file: /mnt/a, size: ${bytes(from)} }`);
    if (op === 'punch') cut(`{ actor: admin, do: punch-hole, file: /mnt/a, ${where} }`);
    if (op === 'grow') lines.push(`{ do: truncate, file: /mnt/a, size: ${bytes(PAGES)} }`);
    if (op === 'file') lines.push(`{ do: file-write, file: /mnt/a, ${where}, word: ${n} }`);
  }
  return lines;
}

/** Every page of the disk has one owner: free, the file's, or the filesystem's own 512. */
function blocksPartition(lab: DaxLab): void {
  const sb = lab.world.need('super_blocks', '/mnt');
  const used = new Set<number>();
  const take = (start: number, end: number) => {
    for (let block = start; block < end; block += 1) {
      expect(used.has(block)).toBe(false);
      used.add(block);
    }
  };
  for (const row of lab.world.rows('file_extents'))
    take(row.block, row.block + row.end - row.start);
  let free = 0;
  for (const row of lab.world.rows('free_blocks')) free += row.end - row.start;
  expect(used.size + free + 512).toBe(sb.blocks);
}

/** Entries of i_pages are unlocked, stand for the file's own blocks, and their pages know it. */
function entriesAgree(lab: DaxLab): void {
  const { start_pfn } = lab.world.need('super_blocks', '/mnt');
  for (const row of lab.world.rows('i_pages')) {
    expect(row.flags).not.toContain('locked');
    // A private write leaves the empty entry it had locked.
    if (/zero|empty/.test(row.flags)) continue;
    for (const at of [row.start, row.end - 1]) {
      const pfn = row.pfn + (at - row.start);
      const extent = lab.world.at('file_extents', at);
      expect(extent && start_pfn + extent.block + (at - extent.start)).toBe(pfn);
      const mapping = lab.world.at('page_mappings', pfn);
      expect(mapping?.mapping).toBe('file:/mnt/a');
    }
  }
}

/** Idle count, one for each pin, and from 6.15 on one for each entry of a page table. */
function countsAgree(lab: DaxLab, version: string): void {
  const k = { world: lab.world } as Kernel;
  const { facts } = lab.batch.session;
  const counted = facts.era.get('dax_pte') === 'page';
  expect(lab.world.count('gup_pins')).toBe(0);
  for (const row of lab.world.overlapping('pages', FIRST_BLOCK, FIRST_BLOCK + PAGES)) {
    const size = 2 ** row.compound_order;
    for (const pfn of [
      Math.max(row.start, FIRST_BLOCK),
      Math.min(row.end, FIRST_BLOCK + PAGES) - size,
    ]) {
      const mapped = counted ? folioMapcount({ ...k, facts }, pfn, size) : 0;
      expect([version, pfn, row.refcount]).toEqual([version, pfn, (counted ? 0 : 1) + mapped]);
    }
  }
}

describe('any order of faults, pins and truncation on a DAX file', () => {
  it('keeps blocks, entries and counts in step, and goes back and forward', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('5.3', '6.12', '6.18', '7.2'),
        fc.constantFrom('written', 'unwritten', 'none'),
        fc.array(step, { maxLength: 10 }),
        async (version, allocate, steps) => {
          const release = { op: 'cut', actor: 'app', span: { from: PAGES - 1, pages: 1 } };
          const lab = await DaxLab.run(programOf([...steps, release], allocate), {
            version,
            setup: FSDAX,
          });
          const { session, execution } = lab.batch;
          expect(execution.stopped).toBeUndefined();
          blocksPartition(lab);
          entriesAgree(lab);
          countsAgree(lab, version);
          const end = session.cursor.hashText();
          session.cursor.seek(0);
          session.cursor.seek(session.length);
          expect(session.cursor.hashText()).toBe(end);
        },
      ),
      { numRuns: 40 },
    );
  });
});
