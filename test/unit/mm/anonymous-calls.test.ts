import { describe, expect, it } from 'vitest';
import { Trace, wanted, type ExpectedCall } from '../world/trace.ts';
import { at, entry, mapped, OWN, page, rss, vma } from './looks.ts';
import { AT, ProcessBench } from './process-bench.ts';

const va = Number(AT);
/** Where mremap moves the mapping. */
const TO = 0x7e0000000000;

/** Positions of pages of the parent (address space 1) and of the child (2). */
const APP = at(1, va);
const KID = at(2, va);

/** After fork: mm/memory.c:__copy_present_ptes, ptep_set_wrprotect(); nobody's alone. */
const SHARED = 'present young|dirty';

/** A process under 6.12 maps 16 pages, reads one, writes four, and forks; both write then. */
function run(): ProcessBench {
  const bench = new ProcessBench('6.12');
  bench.run('app', 'mmap', { at: va, size: '64KiB' });
  bench.run('app', 'read', { va });
  bench.run('app', 'write', { va, pages: 4, word: 1 });
  bench.run('app', 'fork', { child: 'kid' });
  bench.run('kid', 'write', { va, word: 2 });
  bench.run('app', 'write', { va, word: 3 });
  bench.run('app', 'mprotect', { va, pages: 16, prot: 'r' });
  bench.run('app', 'mprotect', { va, pages: 32, prot: 'rw' });
  bench.run('app', 'madvise', { va, pages: 16, advice: 'cold' });
  bench.run('app', 'madvise', { va, pages: 16, advice: 'hugepage' });
  bench.run('app', 'mremap', { va, size: '64KiB', new_size: '64KiB', to: TO });
  bench.run('kid', 'madvise', { va, pages: 1, advice: 'free' });
  bench.run('kid', 'madvise', { va, pages: 1, advice: 'dontneed' });
  bench.run('app', 'munmap', { va: TO, size: '64KiB' });
  bench.run('kid', 'exit');
  return bench;
}

const trace = new Trace(run().log);

describe('anonymous memory from mmap to exit', () => {
  it.each<ExpectedCall>([
    {
      name: 'exec_mmap',
      does: 'makes the address space',
      look: rss('app'),
      from: undefined,
      to: 0,
    },
    {
      name: 'empty_zero_page',
      does: 'reserves a page that read faults map',
      look: (world) => [...world.rows('pages')].filter(({ flags }) => flags === 'reserved').length,
      from: 0,
      to: 1,
    },
    {
      name: 'do_mmap',
      does: 'leaves 64 KiB to mmap_region',
      calls: ['mmap_region'],
      look: vma(APP),
      from: undefined,
      to: 16,
    },
    {
      name: 'mmap_region',
      does: 'unmaps what is in the way, then links the VMA',
      calls: ['do_vmi_munmap', 'vma_link'],
      look: vma(APP),
      from: undefined,
      to: 16,
    },
    { name: 'vma_link', does: 'adds 16 pages of VMA', look: vma(APP), from: undefined, to: 16 },
    {
      name: 'do_user_addr_fault',
      does: 'handles the read fault of the first page',
      calls: ['handle_mm_fault'],
      args: { write: false, pages: 1 },
      look: mapped(APP, APP + 1),
      from: [false, false],
      to: [true, false],
    },
    {
      name: 'handle_mm_fault',
      does: 'walks the page table for the VMA it finds',
      calls: ['__handle_mm_fault'],
    },
    {
      name: '__handle_mm_fault',
      does: 'goes down to the entry where no huge page may be',
      calls: ['handle_pte_fault'],
    },
    {
      name: 'handle_pte_fault',
      does: 'sends an empty entry of anonymous memory on',
      calls: ['do_anonymous_page'],
    },
    {
      // pte_mkspecial(pfn_pte(my_zero_pfn())): no page is taken.
      name: 'do_anonymous_page',
      does: 'maps the zero page for a read',
      calls: [],
      look: entry(APP),
      from: 'none',
      to: 'zero young|special',
    },
    {
      name: 'handle_pte_fault',
      nth: 1,
      does: 'sends a write to a read-only entry on',
      calls: ['do_wp_page'],
    },
    {
      name: 'do_wp_page',
      does: 'copies the zero page',
      calls: ['wp_page_copy'],
      look: entry(APP),
      from: 'zero young|special',
      to: OWN,
    },
    {
      name: 'wp_page_copy',
      does: 'puts a page of its own, the first anonymous one, for the zero page',
      look: rss('app'),
      from: 0,
      to: 1,
    },
    {
      name: '__anon_vma_prepare',
      does: 'gives the VMA its anon_vma',
      look: (world) => world.at('vmas', APP)?.anon_vma !== '',
      from: false,
      to: true,
    },
    {
      name: 'do_anonymous_page',
      nth: 1,
      does: 'maps three new pages for a write to three empty entries',
      calls: ['vma_alloc_folio'],
      look: (world) => [rss('app')(world), entry(APP + 3)(world)],
      from: [1, 'none'],
      to: [4, OWN],
    },
    {
      name: 'vma_alloc_folio',
      nth: 1,
      does: 'takes three pages of order 0',
      args: { order: 0, pages: 3 },
      look: (world) =>
        [...world.rows('pages')].reduce((n, r) => n + (r.buddy ? 0 : r.end - r.start), 0),
      // The zero page and the copy of it, then three more.
      from: 2,
      to: 5,
    },
    {
      name: 'copy_process',
      does: 'returns the PID after its parent, 1000 + 1',
      calls: ['dup_mm'],
      ret: 1001,
    },
    {
      name: 'dup_mm',
      does: 'makes an mm_struct and fills it',
      calls: ['mm_init', 'dup_mmap'],
      look: rss('kid'),
      from: undefined,
      to: 4,
    },
    { name: 'mm_init', does: 'counts no page yet', look: rss('kid'), from: undefined, to: 0 },
    {
      name: 'dup_mmap',
      does: 'copies the one VMA and its page table',
      calls: ['anon_vma_fork', 'copy_page_range'],
      look: vma(KID),
      from: undefined,
      to: 16,
    },
    {
      name: 'anon_vma_fork',
      does: 'gives the child an anon_vma other than its parent has',
      look: (world) => {
        const own = world.at('vmas', KID)?.anon_vma;
        return own !== undefined && own !== world.at('vmas', APP)?.anon_vma;
      },
      from: false,
      to: true,
    },
    { name: 'copy_page_range', does: 'copies the entries', calls: ['copy_pte_range'] },
    {
      name: 'copy_pte_range',
      does: 'leaves 12 empty entries empty',
      look: mapped(KID, KID + 3, KID + 4, KID + 15),
      from: [false, false, false, false],
      to: [true, true, false, false],
    },
    {
      name: 'copy_present_ptes',
      does: 'takes the right to write from the parent, whose page has two users now',
      look: (world) => [entry(APP)(world), page(APP)(world)],
      from: [OWN, { refcount: 1, mapcount: 0 }],
      to: [SHARED, { refcount: 2, mapcount: 1 }],
    },
    {
      name: 'wp_page_copy',
      nth: 1,
      does: 'gives the child a page, and the old one back to its parent',
      look: (world) => [page(KID)(world), page(APP)(world), rss('kid')(world)],
      from: [{ refcount: 2, mapcount: 1 }, { refcount: 2, mapcount: 1 }, 4],
      // One anonymous page less, one more: still 4.
      to: [{ refcount: 1, mapcount: 0 }, { refcount: 1, mapcount: 0 }, 4],
    },
    {
      name: 'do_wp_page',
      nth: 2,
      does: 'reuses the page nobody else has any more',
      calls: [],
      look: entry(APP),
      from: SHARED,
      to: OWN,
    },
    {
      name: 'do_mprotect_pkey',
      does: 'changes the one VMA of the range',
      calls: ['mprotect_fixup'],
      errno: undefined,
    },
    {
      // The second half of the range is no mapping: !vma, after the first half has changed.
      name: 'do_mprotect_pkey',
      nth: 1,
      does: 'answers ENOMEM for 16 pages of mapping and 16 of nothing',
      errno: 'ENOMEM',
    },
    {
      name: 'mprotect_fixup',
      does: 'takes VM_WRITE from the VMA',
      calls: ['change_protection'],
      look: (world) => world.at('vmas', APP)?.vm_flags.split('|').includes('write'),
      from: true,
      to: false,
    },
    {
      name: 'change_protection',
      does: 'changes the entries there are, four',
      calls: ['change_pte_range'],
    },
    {
      name: 'change_pte_range',
      does: 'takes the right to write from an entry and leaves its other bits',
      args: { pages: 4 },
      look: entry(APP),
      from: OWN,
      to: 'present young|dirty|anon_exclusive',
    },
    {
      name: 'madvise_cold',
      does: 'clears the accessed bit of a page mapped once, not of one mapped twice',
      look: (world) => [entry(APP)(world), entry(APP + 1)(world)],
      // 6.2 on: an exclusive page got its right to write back with the VMA.
      from: [OWN, SHARED],
      to: ['present write|dirty|anon_exclusive', SHARED],
    },
    {
      name: 'do_madvise',
      nth: 1,
      does: 'changes no page for MADV_HUGEPAGE, but the VMA',
      calls: ['madvise_update_vma'],
    },
    {
      name: 'madvise_update_vma',
      does: 'sets VM_HUGEPAGE',
      look: (world) => world.at('vmas', APP)?.vm_flags.split('|').includes('hugepage'),
      from: false,
      to: true,
    },
    {
      name: 'do_mremap',
      does: 'returns the position of the new place',
      calls: ['do_vmi_munmap', 'move_vma'],
      ret: at(1, TO),
    },
    {
      name: 'move_vma',
      does: 'moves the tables, then unmaps the old place',
      calls: ['move_page_tables', 'do_vmi_munmap'],
      look: (world) => [vma(APP)(world), vma(at(1, TO))(world)],
      from: [16, undefined],
      to: [undefined, 16],
    },
    {
      name: 'move_page_tables',
      does: 'moves single entries without splitting any',
      calls: ['move_ptes'],
    },
    {
      name: 'move_ptes',
      does: 'moves the four entries there are; the pages do not notice',
      look: (world) => [
        mapped(APP, APP + 3, at(1, TO), at(1, TO) + 3, at(1, TO) + 4)(world),
        page(APP)(world) ?? page(at(1, TO))(world),
      ],
      from: [[true, true, false, false, false], { refcount: 1, mapcount: 0 }],
      to: [[false, false, true, true, false], { refcount: 1, mapcount: 0 }],
    },
    {
      name: 'madvise_free_single_vma',
      does: 'clears the accessed and dirty bits',
      look: entry(KID),
      from: OWN,
      to: 'present write|anon_exclusive',
    },
    {
      name: 'madvise_dontneed_free',
      does: 'zaps the page and keeps the VMA',
      calls: ['zap_page_range_single'],
      look: (world) => [mapped(KID)(world), vma(KID)(world)],
      from: [[true], 16],
      to: [[false], 16],
    },
    {
      name: 'zap_page_range_single',
      does: 'takes one page of the child out of its count',
      calls: ['unmap_page_range'],
      args: { mm: 'kid', pages: 1 },
      look: rss('kid'),
      from: 4,
      to: 3,
    },
    {
      // Calls 0 and 1 found nothing to unmap (mmap, and the place mremap moved to), 2 the old place.
      name: 'do_vmi_munmap',
      nth: 3,
      does: 'unmaps the region that is there',
      calls: ['unmap_region'],
      errno: undefined,
    },
    {
      name: 'unmap_region',
      nth: 1,
      does: 'takes the entries and the VMA down',
      calls: ['unmap_vmas'],
      look: (world) => [vma(at(1, TO))(world), rss('app')(world)],
      from: [16, 4],
      to: [undefined, 0],
    },
    { name: 'unmap_vmas', nth: 1, does: 'goes through the one VMA', calls: ['unmap_page_range'] },
    {
      name: 'unmap_page_range',
      nth: 2,
      does: 'empties the stretch that is mapped: four of 16 pages',
      calls: ['zap_pte_range'],
      args: { pages: 16 },
    },
    {
      name: 'zap_pte_range',
      nth: 1,
      does: 'gives up four entries; the child keeps its three shared pages alone',
      args: { pages: 4 },
      look: (world) => [rss('app')(world), page(KID + 1)(world)],
      from: [4, { refcount: 2, mapcount: 1 }],
      to: [0, { refcount: 1, mapcount: 0 }],
    },
    {
      name: 'do_group_exit',
      does: 'marks the child a zombie that has no memory',
      calls: ['exit_mm'],
      look: (world) => [world.get('tasks', 'kid')?.signal, world.get('tasks', 'kid')?.mm],
      from: ['', 'kid'],
      to: ['exit', ''],
    },
    {
      name: 'exit_mm',
      does: 'puts the address space',
      calls: ['mmput'],
      look: rss('kid'),
      from: 3,
      to: undefined,
    },
    {
      name: 'exit_mmap',
      does: 'unmaps everything but keeps the mm_struct',
      calls: ['unmap_vmas'],
      look: (world) => [rss('kid')(world), vma(KID)(world)],
      from: [3, 16],
      to: [0, undefined],
    },
    { name: '__mmdrop', does: 'frees the mm_struct', look: rss('kid'), from: 0, to: undefined },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});
