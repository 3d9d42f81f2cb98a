import { driverCallback } from '../device/callback.ts';
import type { Kernel } from '../../core/facts.ts';
import { coversPositions, type FaultKind, type VmFault, type VmFaultRun } from '../mm/fault.ts';
import { addressOf } from '../mm/position.ts';
import { isDevicePrivate, pfnAt, pteAt, type Pte } from '../mm/pte.ts';
import type { VmFaultFunction } from '../mm/vm-operations.ts';
import { folio_get, folio_put } from '../page/page-ref.ts';
import { firstLocked, folio_trylock, folio_unlock, folio_wait_locked } from '../page/page-lock.ts';
import { call, failed, operation, type Operation } from '../../core/world/operation.ts';

/** Faults on pages alike: entries of one kind, pages of one pagemap in folios of one order. */
interface DeviceFault extends VmFaultRun {
  readonly pfn: number;
  /** Key in `pgmaps`. */
  readonly pgmap: string;
  readonly device: string;
  readonly folio_order: number;
}

const NAMES: Readonly<Record<string, FaultKind>> = {
  VM_FAULT_SIGBUS: 'SIGBUS',
  VM_FAULT_OOM: 'OOM',
  VM_FAULT_RETRY: 'RETRY',
  VM_FAULT_HWPOISON: 'HWPOISON',
};

/** vm_fault_t of the driver: a text such as VM_FAULT_SIGBUS; a driver that traps ends in SIGBUS. */
function vmFault(result: unknown): FaultKind {
  if (failed(result)) return 'SIGBUS';
  if (typeof result === 'string') return NAMES[result] ?? 'SIGBUS';
  return '';
}

/** Has the driver brought the first page back, or somebody else changed the entry? */
function unchanged(k: Kernel, position: number, pfn: number): boolean {
  const entry = pteAt(k, position);
  return entry !== undefined && isDevicePrivate(entry) && pfnAt(entry, position) === pfn;
}

/** pgmap->ops->migrate_to_ram(), or page_fault() before: the driver has to bring the pages back. */
function* migrateToRam(k: Kernel, run: DeviceFault): Operation<VmFault> {
  const { start, end, pfn, device, mm, write, folio_order: order } = run;
  const args = { mm, address: addressOf(k, start), pages: end - start, pfn, order, write };
  const result = yield* driverCallback(k, device, k.facts.era.get('device_fault_op'), args);
  const fault = vmFault(result);
  if (fault !== '') return { handled: 0, fault };
  if (unchanged(k, start, pfn)) {
    k.note('the driver returned 0 and the page is still there: the CPU would fault for ever');
    return { handled: 0, fault: 'SIGBUS' };
  }
  // The access is tried again, and finds what is there now.
  return { handled: 0, fault: '' };
}

/** The PFNs that the faults hold: whole folios. */
function heldPages({ pfn, start, end, folio_order }: DeviceFault) {
  const size = 2 ** folio_order;
  const first = pfn - (pfn % size);
  const last = pfn + end - start;
  return { pfn: first, end: last + ((size - (last % size)) % size) };
}

/** From 6.1 on the page cannot go away meanwhile; from 6.15 on nobody else migrates it. */
function* heldFault(k: Kernel, run: DeviceFault): Operation<VmFault> {
  const holds = k.facts.era.get('device_fault_page');
  if (holds === 'none') return yield* migrateToRam(k, run);
  const pages = heldPages(run);
  if (holds === 'locked') {
    const held = firstLocked(k, pages);
    if (held !== undefined) {
      yield* call(folio_wait_locked, { pfn: held, end: held + 1 });
      return { handled: 0, fault: '' };
    }
    yield* call(folio_trylock, pages);
  }
  yield* call(folio_get, pages);
  const result = yield* migrateToRam(k, run);
  // Where the folio was split, the fault has kept its own pages.
  const whole = k.world.at('pages', run.pfn)?.compound_order === run.folio_order;
  const kept = whole ? pages : { pfn: run.pfn, end: run.pfn + run.end - run.start };
  if (holds === 'locked') yield* call(folio_unlock, kept);
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
  const end = Math.min(run.end, entry.end, run.start + row.end - pfn);
  const order = row.compound_order;
  return { ...run, end, pfn, pgmap: pgmap.id, device: pgmap.device, folio_order: order };
}

/** A CPU touched memory it cannot address: do_swap_page() for device private entries. */
export const device_private_fault: VmFaultFunction = operation<VmFaultRun, VmFault>(
  'is_device_private_entry',
  'mm/memory.c:do_swap_page',
  function* (k, run) {
    const entry = pteAt(k, run.start);
    if (!entry || !isDevicePrivate(entry)) return { handled: 0, fault: '' };
    const fault = faultOf(k, run, entry);
    if (!fault) return { handled: 0, fault: 'SIGBUS' };
    if (entry.level === 'pmd') return yield* call(do_huge_pmd_device_private, fault);
    if (k.facts.era.get('device_fault_op') === 'page_fault') {
      return yield* call(device_private_entry_fault, fault);
    }
    return yield* heldFault(k, fault);
  },
  { covers: coversPositions, show: ({ start, end }) => ({ pages: end - start }) },
);
