import { VM_FAULTS } from '../../../../shared/plugins/callbacks.ts';
import { driverCallback } from '../device/callback.ts';
import type { Kernel } from '../../core/facts.ts';
import { coversPositions, type FaultKind, type VmFault, type VmFaultRun } from '../mm/fault.ts';
import { addressOf } from '../mm/position.ts';
import { pfnAt, pteSame, type Pte } from '../mm/pte.ts';
import type { VmFaultFunction } from '../mm/vm-operations.ts';
import { folio_put, takeReferences } from '../page/page-ref.ts';
import { firstLocked, folio_unlock, lockQueue, tryLockPages } from '../page/page-lock.ts';
import { call, failed, operation, sleepOn, type Operation } from '../../core/world/operation.ts';

/** Faults on pages alike: entries of one kind, pages of one pagemap in folios of one order. */
interface DeviceFault extends VmFaultRun {
  readonly pfn: number;
  /** Key in `pgmaps`. */
  readonly pgmap: string;
  readonly device: string;
  readonly folio_order: number;
}

const NAMES: Readonly<Record<(typeof VM_FAULTS)[number], FaultKind>> = {
  VM_FAULT_SIGBUS: 'SIGBUS',
  VM_FAULT_OOM: 'OOM',
  VM_FAULT_RETRY: 'RETRY',
  VM_FAULT_HWPOISON: 'HWPOISON',
};

/** vm_fault_t of the driver: a text such as VM_FAULT_SIGBUS; a driver that traps ends in SIGBUS. */
function vmFault(result: unknown): FaultKind {
  if (failed(result)) return 'SIGBUS';
  if (typeof result === 'string')
    return NAMES[VM_FAULTS.find((name) => name === result) ?? 'VM_FAULT_SIGBUS'];
  return '';
}

/** pgmap->ops->migrate_to_ram(), or page_fault() before: the driver has to bring the pages back. */
function* migrateToRam(k: Kernel, run: DeviceFault): Operation<VmFault> {
  const { start, end, pfn, device, mm, write, folio_order: order } = run;
  const args = { mm, address: addressOf(k, start), pages: end - start, pfn, order, write };
  const name = k.facts.era.get('device_fault_op');
  const result = yield* driverCallback(k, device, 'migrate_to_ram', args, name);
  // Where the driver returned 0 the access is tried again, whatever it finds then.
  return { handled: 0, fault: vmFault(result) };
}

/** The PFNs that the faults hold: whole folios. */
function heldPages({ pfn, start, end, folio_order }: DeviceFault) {
  const size = 2 ** folio_order;
  const first = pfn - (pfn % size);
  const last = pfn + end - start;
  return { pfn: first, end: last + ((size - (last % size)) % size) };
}

/** Waits for the page's lock, with neither lock nor reference; queued before the table is unlocked. */
const softleaf_entry_wait_on_locked = operation<{ pfn: number }, void>(
  'softleaf_entry_wait_on_locked',
  'mm/filemap.c:softleaf_entry_wait_on_locked',
  function* (k, { pfn }) {
    if (firstLocked(k, { pfn, end: pfn + 1 }) !== undefined) yield* sleepOn(lockQueue(pfn));
  },
);

/**
 * From 6.1 on the page cannot go away meanwhile, from 6.15 on nobody else migrates it: under the
 * page table lock the entry is looked at again, and the page is locked and referenced there. Who
 * finds it locked faults again, or (7.0, for single pages) sleeps.
 */
function* heldFault(k: Kernel, run: DeviceFault): Operation<VmFault> {
  const holds = k.facts.era.get('device_fault_page');
  if (holds === 'none') return yield* migrateToRam(k, run);
  if (!pteSame(k, run.start, run.orig)) return { handled: 0, fault: '' };
  const pages = heldPages(run);
  const locks = holds !== 'reference';
  const held = locks ? firstLocked(k, pages) : undefined;
  if (held !== undefined) {
    if (holds === 'locked, or sleeps' && run.orig?.level === 'pte') {
      yield* call(softleaf_entry_wait_on_locked, { pfn: held });
    } else {
      k.note('the page is locked: the CPU faults again and again until it is not');
      yield* sleepOn(lockQueue(held));
    }
    return { handled: 0, fault: '' };
  }
  if (locks) tryLockPages(k, pages);
  takeReferences(k, pages, true);
  const result = yield* migrateToRam(k, run);
  // Where the folio was split, the fault has kept its own pages.
  const whole = k.world.at('pages', run.pfn)?.compound_order === run.folio_order;
  const kept = whole ? pages : { pfn: run.pfn, end: run.pfn + run.end - run.start };
  if (locks) yield* call(folio_unlock, kept);
  yield* call(folio_put, kept);
  return result;
}

const SHOW = {
  covers: coversPositions,
  show: ({ start, end, pfn, pgmap }: DeviceFault) => ({ pages: end - start, pfn, pgmap }),
} as const;

/** device_private_entry_fault(): hands the fault to the page's pagemap. */
const device_private_entry_fault = operation<DeviceFault, VmFault>(
  'device_private_entry_fault',
  'kernel/memremap.c:device_private_entry_fault',
  heldFault,
  SHOW,
);

/** do_huge_pmd_device_private(): the same for folios that a PMD maps. */
const do_huge_pmd_device_private = operation<DeviceFault, VmFault>(
  'do_huge_pmd_device_private',
  'mm/huge_memory.c:do_huge_pmd_device_private',
  heldFault,
  SHOW,
);

/** What the first page of the run is, and how many after it are the same. */
function faultOf(k: Kernel, run: VmFaultRun, entry: Pte): DeviceFault | undefined {
  const pfn = pfnAt(entry, run.start);
  const row = k.world.at('pages', pfn);
  const pgmap = row?.pgmap == null ? undefined : k.world.get('pgmaps', row.pgmap);
  if (!row || !pgmap) return undefined;
  const alike = Math.min(entry.end, k.world.at('ptes', run.start)?.end ?? run.start + 1);
  const end = Math.min(run.end, alike, run.start + row.end - pfn);
  const order = row.compound_order;
  return { ...run, end, pfn, pgmap: pgmap.id, device: pgmap.device, folio_order: order };
}

/** A CPU touched memory it cannot address: do_swap_page() for device private entries. */
export const device_private_fault: VmFaultFunction = operation<VmFaultRun, VmFault>(
  (k) => k.facts.era.get('is_device_private_entry'),
  'mm/memory.c:do_swap_page',
  function* (k, run) {
    const entry = run.orig;
    const fault = entry && faultOf(k, run, entry);
    if (!fault) return { handled: 0, fault: 'SIGBUS' };
    if (entry.level === 'pmd') return yield* call(do_huge_pmd_device_private, fault);
    if (k.facts.era.get('device_fault_op') === 'page_fault') {
      return yield* call(device_private_entry_fault, fault);
    }
    return yield* heldFault(k, fault);
  },
  { covers: coversPositions, show: ({ start, end }) => ({ pages: end - start }) },
);
