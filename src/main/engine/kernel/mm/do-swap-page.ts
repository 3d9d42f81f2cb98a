import { folio_wait_locked } from '../page/page-lock.ts';
import { call, operation } from '../../core/world/operation.ts';
import { coversPositions, type VmFault, type VmFaultRun, showSpan } from './fault.ts';
import { isDeviceExclusive, isDevicePrivate, isMigration, pfnAt, pteAt, pteSame } from './pte.ts';

/** migration_entry_wait(): sleeps until the page under migration is unlocked, then faults again. */
export const migration_entry_wait = operation<{ position: number }, void>(
  'migration_entry_wait',
  'mm/migrate.c:migration_entry_wait',
  function* (k, { position }) {
    const entry = pteAt(k, position);
    if (!entry || !isMigration(entry)) return;
    const pfn = pfnAt(entry, position);
    yield* call(folio_wait_locked, { pfn, end: pfn + 1 });
  },
);

/**
 * do_swap_page(), as far as there is no swap: entries that are not present. Migration entries are
 * waited for, device entries go to who made them, poisoned pages end in HWPOISON.
 */
export const do_swap_page = operation<VmFaultRun, VmFault>(
  'do_swap_page',
  'mm/memory.c:do_swap_page',
  function* (k, run) {
    const entry = run.orig;
    // pte_unmap_same(): whoever changed the entry has done the work; the access is tried again.
    if (!entry || !pteSame(k, run.start, entry)) return { handled: 0, fault: '' };
    if (isMigration(entry)) {
      yield* call(migration_entry_wait, { position: run.start });
      return { handled: 0, fault: '' };
    }
    if (entry.kind === 'hwpoison') return { handled: 0, fault: 'HWPOISON' };
    const { device_private, device_exclusive } = k.facts.wiring.do_swap_page;
    if (isDevicePrivate(entry)) return yield* call(device_private, run);
    if (isDeviceExclusive(entry)) return yield* call(device_exclusive, run);
    // print_bad_pte(): an entry nobody understands.
    return { handled: 0, fault: 'SIGBUS' };
  },
  { covers: coversPositions, show: showSpan },
);
