import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/shared/world/step.ts';
import { oneSwitch, PciBench } from './pci-bench.ts';

const DRIVE = '0000:03:00.0';
const FILE = `/sys/bus/pci/devices/${DRIVE}/p2pmem/allocate`;

/** The CMB begins at 0xf4000000; the first 64 KiB are the submission queue's since its probe. */
const FIRST = 0xf4010;

const mmap = (more: string): string =>
  `{ actor: app, do: mmap, file: "${FILE}", at: 0x7f0000000000, ${more} }`;

/** A machine whose app has done this with the drive's p2pmem/allocate. */
const after = (version: string, ...program: string[]): Promise<PciBench> =>
  PciBench.create({ version, devices: oneSwitch(), program });

const steps = ({ log }: PciBench): Step[] =>
  Array.from({ length: log.length }, (_, at) => log.step(at + 1));
const stepOf = (bench: PciBench, name: string) =>
  steps(bench).findLast(({ fn, kind }) => fn === name && kind === 'call');
const ref = ({ world }: PciBench) => [...world.rows('pgmaps')][0]?.ref;

/** 64 MiB are 16384 pages with a reference each, one is the pagemap's own, one the queue's. */
const IDLE = 16384 + 1 + 1;

describe('p2pmem/allocate, mapped by a process', () => {
  it('p2pmem_alloc_mmap refuses private, shifted and too long mappings', async () => {
    const asked = ['2MiB, prot: rw', '2MiB, offset: 4KiB, shared: true', '64MiB, shared: true'];
    const bench = await after('6.12', ...asked.map((how) => mmap(`size: ${how}`)));
    const calls = (name: string) =>
      steps(bench).filter(({ fn, kind }) => fn === name && kind === 'call');
    const errors = [
      { errno: 'EINVAL', check: '(vma->vm_flags & VM_MAYSHARE) != VM_MAYSHARE' },
      { errno: 'EINVAL', check: 'vma->vm_pgoff' },
      // 64 MiB less the 64 KiB of the queue are left.
      { errno: 'ENOMEM', check: 'gen_pool_alloc_owner(p2pdma->pool, len) == NULL' },
    ];
    expect(calls('p2pmem_alloc_mmap').map(({ err }) => err)).toEqual(errors);
    expect(calls('kernfs_fop_mmap').map(({ err }) => err)).toEqual(errors);
    expect(ref(bench)).toBe(IDLE);
  });

  it.each([
    { version: '6.12', set: 0 },
    { version: '6.18', set: 1 },
  ])('p2pmem_alloc_mmap in $version: pages at 1, set so by itself $set times', async (row) => {
    const bench = await after(row.version, mmap('size: 16KiB, shared: true'));
    expect(bench.world.at('pages', FIRST)).toMatchObject({ end: FIRST + 4, refcount: 1 });
    expect(bench.world.at('pages', FIRST)?.mapcount).toBe(0);
    expect(ref(bench)).toBe(IDLE + 4);
    const entered = stepOf(bench, 'p2pmem_alloc_mmap');
    const inside = steps(bench).filter(({ parent }) => parent === entered?.seq);
    expect(inside.filter(({ fn }) => fn === 'set_page_count')).toHaveLength(row.set);
    expect(bench.world.need('p2pdma', DRIVE).allocated).toContainEqual({
      start: 0xf4010000n,
      size: 0x4000n,
    });
  });

  it('kernfs_fop_mmap hands the mapping on: its faults are kernfs’s, its pages mixed', async () => {
    const bench = await after('6.12', mmap('size: 16KiB, shared: true'));
    expect(stepOf(bench, 'p2pmem_alloc_mmap')?.parent).toBe(stepOf(bench, 'kernfs_fop_mmap')?.seq);
    const [vma] = [...bench.world.rows('vmas')].filter(({ vm_file }) => vm_file === FILE);
    expect(vma).toMatchObject({ vm_ops: 'kernfs' });
    expect(vma?.vm_flags).toContain('mixedmap');
    expect(bench.world.at('ptes', vma?.start ?? 0)).toMatchObject({ kind: 'present', pfn: FIRST });
  });

  it.each([
    { name: 'p2pdma_page_free', version: '6.12' },
    { name: 'p2pdma_folio_free', version: '7.2' },
  ])('$name gives unmapped pages back to the pool in $version', async ({ name, version }) => {
    const unmap = '{ actor: app, do: munmap, va: 0x7f0000001000, size: 8KiB }';
    const bench = await after(version, mmap('size: 16KiB, shared: true'), unmap);
    expect(stepOf(bench, name)?.args).toMatchObject({ pfn: FIRST + 1, end: FIRST + 3 });
    // Pages 0 and 3 of the four stay allocated.
    const { allocated } = bench.world.need('p2pdma', DRIVE);
    expect(allocated).toContainEqual({ start: 0xf4010000n, size: 0x1000n });
    expect(allocated).toContainEqual({ start: 0xf4013000n, size: 0x1000n });
    expect(ref(bench)).toBe(IDLE + 4 - 2);
  });

  it('pci_p2pdma_unmap_mappings takes the mapping away first, so that unbind waits for nobody', async () => {
    const bench = await after('6.12', mmap('size: 16KiB, shared: true'));
    expect(bench.do('nvme0', 'unbind')).toBe(0);
    const unmapped = stepOf(bench, 'pci_p2pdma_unmap_mappings');
    expect(unmapped?.args).toEqual({ pdev: DRIVE });
    expect(unmapped?.seq).toBeLessThan(stepOf(bench, 'memunmap_pages')?.seq ?? 0);
    expect([...bench.world.rows('ptes')].filter(({ pfn }) => pfn === FIRST)).toEqual([]);
    expect(bench.world.get('p2pdma', DRIVE)).toBeUndefined();
    expect([...bench.world.rows('pgmaps')]).toEqual([]);
  });
});
