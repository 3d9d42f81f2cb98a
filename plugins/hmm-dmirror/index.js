// SPDX-License-Identifier: MIT
// The kernel's own test device for device memory, lib/test_hmm.c: its ioctls are actions.
// Kernel functions stand under their own names.
import { folio_free, probe, release } from './devmem.js';
import { read, write } from './fault.js';
import { flags, migrate_to_dev, migrate_to_ram, migrate_to_sys } from './migrate.js';
import { close, invalidate, mmap, open } from './page-table.js';
import { check_exclusive, exclusive, snapshot } from './snapshot.js';

export const models = {
  'hmm-dmirror': {
    callbacks: { probe, folio_free, migrate_to_ram, invalidate },
    actions: {
      ...{ open, close, mmap, read, write, snapshot, exclusive, release, flags },
      'migrate-to-dev': migrate_to_dev,
      'migrate-to-sys': migrate_to_sys,
      'check-exclusive': check_exclusive,
    },
  },
};
