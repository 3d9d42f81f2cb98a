import {
  pinPages,
  type Pinned,
  type PinRequest,
} from '../../../src/main/engine/kernel/gup/pin-pages.ts';
import { releasePin } from '../../../src/main/engine/kernel/gup/unpin.ts';
import { MM_SPAN } from '../../../src/main/engine/kernel/mm/position.ts';
import { vmFlags, type VmFlag } from '../../../src/main/engine/kernel/mm/vma.ts';
import {
  memremap_pages,
  type MappedPages,
} from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { percpu_ref_init } from '../../../src/main/engine/kernel/pgmap/pgmap-ref.ts';
import { leaf, operation, type Outcome } from '../../../src/main/engine/core/world/operation.ts';
import { range, smallMachine, type Bench } from '../pgmap/small-machine.ts';

/** Where the device's memory lies: 128 MiB at 8 GiB. */
export const DEVICE_PFN = 0x200000;
export const DEVICE_PAGES = 32768;
/** Where the process has it. */
export const VA = 0x7f0000000000n;
const NR = 1;
export const AT = NR * MM_SPAN + Number(VA >> 12n);

/** Writes tables in a step of their own, so that it can be undone like all others. */
export function byHand(bench: Bench, write: () => void): void {
  bench.call(leaf<object, void>('by_hand', 'test', write), {});
}

/** A machine under a kernel whose task `driver` has an empty address space. */
export function withProcess(version: string, config: Record<string, string> = {}): Bench {
  const bench = smallMachine(version, config);
  const { world } = bench;
  const counters = { anonpages: 0, filepages: 0, shmempages: 0 };
  const task = { id: 'driver', pid: 1000, mm: 'driver', parent: '', signal: '', flags: '' };
  byHand(bench, () => {
    world.put('mms', { id: 'driver', nr: NR, mm_users: 1, ...counters, notifiers: [] });
    world.put('tasks', task);
  });
  return bench;
}

/** memremap_pages() of the device's memory. */
export function mapDevice(bench: Bench, type: string | number, more: object = {}): string {
  const ops = ['page_free', 'folio_free', 'migrate_to_ram'];
  const size = BigInt(DEVICE_PAGES) << 12n;
  const ranges = [range(0x200000000n, size)];
  const request = { type, ranges, nid: 0, ops, owner: 'test', ...more };
  const external = bench.facts.era.get('pagemap_ref').startsWith('driver');
  if (external) bench.call(percpu_ref_init, { ref: 'q', device: '' });
  const all = external ? { ...request, ref: 'q' } : request;
  return (bench.call(memremap_pages, all) as MappedPages).pgmap;
}

interface Mapped {
  readonly at?: number;
  readonly pages: number;
  readonly pfn: number;
  readonly vm_ops?: string;
  readonly vm?: readonly VmFlag[];
  readonly entry?: string;
  readonly level?: string;
}

const SHARED = ['read', 'write', 'shared', 'mayread', 'maywrite', 'mayshare'] as const;

/** A VMA and its entries, written by hand. */
export function mapPages(bench: Bench, mapped: Mapped): void {
  const { world } = bench;
  const { at = AT, pages, pfn, vm_ops = '', vm = SHARED, entry = 'write', level = 'pte' } = mapped;
  const vma = { mm: 'driver', vm_ops, vm_file: vm_ops === '' ? '' : '/mnt/a', vm_pgoff: 0 };
  byHand(bench, () => {
    world.set('vmas', at, at + pages, { ...vma, vm_flags: vmFlags(...vm), anon_vma: '' });
    world.set('ptes', at, at + pages, { mm: 'driver', level, kind: 'present', pfn, flags: entry });
  });
}

/** Flags of the entry a DAX fault leaves in a kernel. */
export function daxEntry(version: string): string {
  if (version === '4.3') return 'write|dirty|special';
  return version === '6.18' || version === '7.2' ? 'write|dirty' : 'write|dirty|special|devmap';
}

const pinning = operation<PinRequest, Outcome<Pinned>>('pinning', 'test', pinPages);
const releasing = operation<{ pin: string; dirty: boolean }, Outcome<void>>(
  'releasing',
  'test',
  (k, { pin, dirty }) => releasePin(k, pin, dirty),
);

/** What a driver gets for pages of the process. */
export function pin(bench: Bench, pages: number, more: Partial<PinRequest> = {}): Outcome<Pinned> {
  const mm = bench.world.need('mms', 'driver');
  const flags = { write: true, force: false, longterm: false, pci_p2pdma: false };
  const request = { pin: 'p', mm, address: VA, pages, ...flags, get: false, fast: false };
  return bench.call(pinning, { ...request, remote: false, ...more });
}

export function unpin(bench: Bench, name = 'p', dirty = false): Outcome<void> {
  return bench.call(releasing, { pin: name, dirty });
}

/** `errno`, or the number of pages. */
export function came(result: Outcome<Pinned>): string | number {
  return 'failed' in result ? result.errno : result.pages;
}

export function count({ world }: Bench, pfn = DEVICE_PFN): number | undefined {
  return world.at('pages', pfn)?.refcount;
}

/** Names of the steps after step `from`. */
export function steps({ log }: Bench, from = 0): string[] {
  return Array.from({ length: log.length - from }, (_, at) => log.step(from + at + 1).fn);
}
