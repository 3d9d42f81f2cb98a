// Random programs over the memory of processes.
import fc from 'fast-check';
import { ProcessBench } from '../unit/mm/process-bench.ts';

const BASE = 0x7f0000000000;
const PAGE = 4096;
/** Pages the programs play with: two PMDs and a half. */
const PAGES = 1280;

/** An operation, and which of the living processes asks for it. */
export interface Act {
  readonly actor: number;
  readonly op: string;
  readonly args: Record<string, unknown>;
}

const start = fc.oneof(fc.constantFrom(0, 512, 1024), fc.integer({ min: 0, max: PAGES - 1 }));
const length = fc.oneof(fc.constantFrom(1, 16, 512), fc.integer({ min: 1, max: 600 }));
const range = fc.tuple(start, length).map(([at, pages]) => ({
  va: BASE + at * PAGE,
  pages: Math.min(pages, PAGES - at),
}));
const word = fc.integer({ min: 0, max: 9 });
const file = fc.constantFrom('/tmp/a', '/home/b');

const access = fc.record({ range, word, count: fc.boolean() }).map(({ range: r, ...rest }) => ({
  op: 'write',
  args: { ...r, ...rest, catch: true },
}));

const step: fc.Arbitrary<Pick<Act, 'op' | 'args'>> = fc.oneof(
  access,
  access,
  fc.record({ range, shared: fc.boolean(), prot: fc.constantFrom('rw', 'r') }).map((r) => ({
    op: 'mmap',
    args: { at: r.range.va, size: r.range.pages * PAGE, shared: r.shared, prot: r.prot },
  })),
  fc.record({ range, shared: fc.boolean(), file }).map((r) => ({
    op: 'mmap',
    args: { at: r.range.va, size: r.range.pages * PAGE, shared: r.shared, file: r.file },
  })),
  range.map((args) => ({ op: 'munmap', args })),
  range.map((args) => ({ op: 'read', args: { ...args, catch: true } })),
  fc.record({ range, prot: fc.constantFrom('rw', 'r', 'none') }).map(({ range: r, prot }) => ({
    op: 'mprotect',
    args: { ...r, prot },
  })),
  fc
    .record({
      range,
      advice: fc.constantFrom('dontneed', 'free', 'cold', 'hugepage', 'nohugepage'),
    })
    .map(({ range: r, advice }) => ({ op: 'madvise', args: { ...r, advice } })),
  fc.record({ range, to: start, size: length }).map(({ range: r, to, size }) => ({
    op: 'mremap',
    args: { ...r, new_size: Math.min(size, PAGES - to) * PAGE, to: BASE + to * PAGE },
  })),
  fc.record({ range, node: fc.constantFrom(0, 1) }).map(({ range: r, node }) => ({
    op: 'move-pages',
    args: { ...r, node },
  })),
  fc.constantFrom(0, 1).map((node) => ({ op: 'compact', args: { node } })),
  fc.constant({ op: 'fork', args: {} }),
  fc.constant({ op: 'exit', args: {} }),
  fc.record({ file, pages: length }).map(({ file: path, pages }) => ({
    op: 'truncate',
    args: { file: path, size: pages * PAGE },
  })),
);

export const program = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 2 }), step).map(([actor, s]) => ({ actor, ...s })),
  { minLength: 4, maxLength: 24 },
);
export const version = fc.constantFrom('4.3', '4.14', '5.3', '5.14', '6.1', '6.12', '7.2');
export const thp = fc.constantFrom('y', 'n');

/** Runs the program; fork makes a new process, exit leaves one fewer. */
export function run(kernel: string, huge: string, acts: readonly Act[]): ProcessBench {
  const bench = new ProcessBench(kernel, { TRANSPARENT_HUGEPAGE_ALWAYS: huge });
  bench.run('admin', 'create-file', { file: '/tmp/a', fs: 'tmpfs', size: 200 * PAGE });
  bench.run('admin', 'create-file', { file: '/home/b', fs: 'generic', size: 900 * PAGE });
  // Something to play with: memory of its own, then whatever the program puts over it.
  bench.run('p0', 'mmap', { at: BASE, size: PAGES * PAGE });
  bench.run('p0', 'write', { va: BASE, pages: 700, count: true });
  const alive = ['p0'];
  let born = 1;
  for (const { actor, op, args } of acts) {
    const name = alive[actor % Math.max(1, alive.length)];
    if (name === undefined) break;
    if (op === 'fork') {
      const child = `p${born}`;
      born += 1;
      const reply = bench.run(name, 'fork', { child });
      if ('pid' in reply) alive.push(child);
    } else {
      bench.run(name, op, args);
      if (bench.world.get('tasks', name)?.mm === '') alive.splice(alive.indexOf(name), 1);
    }
  }
  return bench;
}
