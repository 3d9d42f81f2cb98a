// vm_insert_page() of a driver's pages into a mapping of its file: a VMA of 4 pages at AT, private
// and writable, as hmm-tests.c maps the test device.
import { describe, expect, it } from 'vitest';
import { ksys_mmap_pgoff } from '../../../src/main/engine/kernel/hmm/driver-mmap.ts';
import { vm_insert_page } from '../../../src/main/engine/kernel/mm/insert-page.ts';
import { AT, PAGE, ProcessBench } from './process-bench.ts';

const APP = 'app';
const PAGES = 4;
/** Pages a driver has allocated. */
const PFN = 0x2000;

function mapped(version = '6.12') {
  const bench = new ProcessBench(version);
  bench.run(APP, 'mmap', { at: AT - 16n * PAGE, size: PAGE, prot: 'rw' });
  const { mm } = bench.world.need('tasks', APP);
  bench.world.update('pages', PFN, PFN + 16, { buddy: false, refcount: 1 });
  const what = { mm, address: AT, pages: PAGES, device: 'dmirror0', prot: ['read', 'write'] };
  bench.call(APP, ksys_mmap_pgoff, what as never);
  const insert = (pfn: number, pages: number, address = AT, making?: object) =>
    bench.call(APP, vm_insert_page, { mm, address, pfn, end: pfn + pages, making } as never);
  return { bench, insert, mm };
}

describe('vm_insert_page', () => {
  it('takes a reference and counts a mapping and a file page for each', () => {
    const { bench, insert, mm } = mapped();
    expect(insert(PFN, 3)).toBeUndefined();
    expect(bench.world.at('pages', PFN)).toMatchObject({ end: PFN + 3, refcount: 2, mapcount: 0 });
    expect(bench.world.need('mms', mm).filepages).toBe(3);
  });

  it('maps them accessed and, in a private mapping, not writable: PAGE_COPY of x86', () => {
    const { bench, insert } = mapped();
    insert(PFN, 1);
    expect(bench.pte(APP, AT)).toMatchObject({ kind: 'present', pfn: PFN, flags: 'young' });
  });

  it('makes the VMA VM_MIXEDMAP', () => {
    const { bench, insert } = mapped();
    insert(PFN, 1);
    const vma = bench.world.at('vmas', bench.position(APP, AT));
    expect(vma?.vm_flags.split('|')).toContain('mixedmap');
  });

  it('writable where mmap() makes a shared mapping, which is no VMA yet', () => {
    const { bench, insert, mm } = mapped();
    const at = AT + 64n * PAGE;
    const start = bench.position(APP, at);
    const making = { mm, start, end: start + 1, vm_flags: 'read|write|shared' };
    expect(insert(PFN, 1, at, making)).toBeUndefined();
    expect(bench.pte(APP, at)?.flags).toBe('write|young');
  });

  it.each([
    ['behind its end', AT + BigInt(PAGES - 1) * PAGE],
    ['before its start', AT - PAGE],
    ['in another VMA, which is no driver’s', AT - 16n * PAGE],
  ])('fails with -EFAULT for pages %s, and takes nothing', (_where, address) => {
    const { bench, insert } = mapped();
    expect(insert(PFN, 2, address)).toMatchObject({ errno: 'EFAULT' });
    expect(bench.world.at('pages', PFN)?.refcount).toBe(1);
  });

  it('fails with -EBUSY at the first page that is mapped; those before it stay', () => {
    const { bench, insert } = mapped();
    insert(PFN + 8, 1, AT + 2n * PAGE);
    expect(insert(PFN, 4)).toMatchObject({ errno: 'EBUSY', check: '!pte_none(*pte)' });
    const pfns = [0n, 1n, 2n, 3n].map((nth) => bench.pte(APP, AT + nth * PAGE)?.pfn);
    expect(pfns).toEqual([PFN, PFN + 1, PFN + 8, undefined]);
    expect(bench.world.at('pages', PFN + 2)?.refcount).toBe(1);
  });

  it('fails with -EINVAL for pages nobody holds', () => {
    const { insert } = mapped();
    expect(insert(PFN + 16, 1)).toMatchObject({ errno: 'EINVAL', check: '!page_count(page)' });
  });

  it.each([
    ['5.4', 'insert_page'],
    ['6.12', 'insert_page_into_pte_locked'],
  ])('has in %s the step %s', (version, name) => {
    const { bench, insert } = mapped(version);
    insert(PFN, 1);
    expect(bench.calls().slice(-2)).toEqual(['vm_insert_page', name]);
  });
});

it('ksys_mmap_pgoff leaves an empty private mapping of the device’s file', () => {
  const { bench } = mapped();
  const vma = bench.world.at('vmas', bench.position(APP, AT));
  expect(vma).toMatchObject({ vm_ops: 'driver', vm_file: '/dev/dmirror0' });
  expect(vma && vma.end - vma.start).toBe(PAGES);
  expect(vma?.vm_flags.split('|')).not.toContain('shared');
  expect(bench.pte(APP, AT)).toBeUndefined();
});
