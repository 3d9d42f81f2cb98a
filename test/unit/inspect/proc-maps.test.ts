import { describe, expect, it } from 'vitest';
import { mappedBy } from '../../../src/main/bench/inspect/mapped-by.ts';
import { spaceViews } from '../../../src/main/bench/inspect/spaces.ts';
import { Authors } from '../../../src/main/bench/inspect/authors.ts';
import type { Inspection } from '../../../src/main/bench/inspect/context.ts';
import { procMaps } from '../../../src/main/engine/lab/inspect/proc-maps.ts';
import { pagemapText, smapsText } from '../../../src/main/engine/lab/inspect/proc-pagemap.ts';
import { AT, ProcessBench } from '../mm/process-bench.ts';

const va = Number(AT);

function twoProcesses() {
  const bench = new ProcessBench();
  bench.run('admin', 'create-file', { file: '/tmp/a', fs: 'tmpfs', size: '64KiB' });
  bench.run('app', 'mmap', { at: va, size: '64KiB' });
  bench.run('app', 'mmap', { at: va + 0x100000, size: '32KiB', file: '/tmp/a', shared: true });
  bench.run('app', 'mmap', { at: va + 0x200000, size: '4KiB', prot: 'none' });
  bench.run('app', 'write', { va, pages: 4, word: 1 });
  bench.run('app', 'fork', { child: 'kid' });
  bench.run('kid', 'write', { va, pages: 1, word: 2 });
  return bench;
}

/** The inspection at the end of the run; the steps have diffs, as a recording has. */
function look(bench: ProcessBench): Inspection {
  const { world, facts, log } = bench;
  const at = log.length;
  return { world, facts, source: log, at, authors: new Authors(log) } as unknown as Inspection;
}

describe('/proc/PID', () => {
  it('maps has the columns of show_map_vma', () => {
    const { world, facts } = twoProcesses();
    expect(procMaps(world, facts).split('\n').slice(0, 4)).toEqual([
      '==> /proc/1000/maps (app) <==',
      '7f0000000000-7f0000010000 rw-p 00000000 00:00 0 ',
      '7f0000100000-7f0000108000 rw-s 00000000 00:01 1                          /tmp/a',
      '7f0000200000-7f0000201000 ---p 00000000 00:00 0 ',
    ]);
  });

  it('smaps tells shared pages from private ones', () => {
    const { world, facts } = twoProcesses();
    const kid =
      smapsText(world, facts)
        .split('==>')
        .find((part) => part.includes('(kid)')) ?? '';
    // One page copied, three shared by two: 1 + 3 / 2 pages are 10 kB.
    for (const line of [
      'Size:                 64 kB',
      'Rss:                  16 kB',
      'Pss:                  10 kB',
      'Shared_Dirty:         12 kB',
      'Private_Dirty:         4 kB',
    ]) {
      expect(kid).toContain(line);
    }
  });

  it('pagemap has the PFN, present, and exclusively mapped pages', () => {
    const bench = twoProcesses();
    const pfn = bench.pte('kid', AT)?.pfn ?? 0;
    const entry = (1n << 63n) | (1n << 56n) | (1n << 55n) | BigInt(pfn);
    const text = pagemapText(bench.world, bench.facts);
    expect(text).toContain(`7f0000000000-7f0000001000 ${entry.toString(16)} present pte`);
  });

  it('says that there is no process', () => {
    const { world, facts } = new ProcessBench();
    expect(procMaps(world, facts)).toBe('no process\n');
  });
});

describe('the address spaces as the window shows them', () => {
  it('stand side by side: VMAs, and below each its entries; what the last step changed is marked', () => {
    const bench = twoProcesses();
    bench.run('kid', 'munmap', { va: va + 0x1000, pages: 1 });
    const [app, kid] = spaceViews(look(bench));
    expect([app?.title, app?.about, kid?.title]).toEqual(['app', 'pid 1000', 'kid']);
    expect(app?.counters).toEqual([{ name: 'anon', pages: 4 }]);
    const rows = kid?.rows.map(({ kind, address, pages }) => [kind, address, pages]);
    expect(rows?.[0]).toEqual(['vma', '0x7f0000000000', 1]);
    expect(rows?.[1]).toEqual(['entry', '0x7f0000000000', 1]);
    expect(rows?.[2]).toEqual(['vma', '0x7f0000002000', 14]);
    expect(kid?.rows.every(({ by }) => by > 0)).toBe(true);
  });

  it('show device page tables, which have no process, after the processes', () => {
    const bench = twoProcesses();
    const mms = { mm_users: 0, anonpages: 0, filepages: 0, shmempages: 0, notifiers: [] };
    bench.world.put('mms', { id: 'dmirror:gpu0:app', nr: 9, ...mms });
    const views = spaceViews(look(bench));
    expect(views.map(({ kind }) => kind)).toEqual(['process', 'process', 'mirror']);
  });

  it('a page knows who maps it', () => {
    const bench = twoProcesses();
    const pfn = bench.pte('app', AT + 4096n)?.pfn ?? 0;
    const found = mappedBy(look(bench), pfn).map(({ mm, address }) => [mm, address]);
    expect(found).toEqual([
      ['app', '0x7f0000001000'],
      ['kid', '0x7f0000001000'],
    ]);
  });
});
