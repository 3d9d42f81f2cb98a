import type { Kernel } from '../../core/facts.ts';
import { driverCallback } from '../device/callback.ts';
import { zoneDevice } from '../zone/zone-device.ts';
import { sectionValidity } from '../memmodel/section-valid.ts';
import { mappingsOf } from './rmap-index.ts';
import { pfn_first, rangePfns, typeName, type Pagemap } from '../pgmap/pagemap.ts';
import { get_dev_pagemap, put_dev_pagemap } from '../pgmap/pgmap-array.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { withFlag } from '../page/flags.ts';

interface Pfn {
  readonly pfn: number;
}

function say(k: Kernel, pfn: number, text: string): void {
  k.printk('err', `Memory failure: 0x${pfn.toString(16)}: ${text}`);
}

/** SetPageHWPoison(). */
const SetPageHWPoison = leaf<Pfn, void>(
  'SetPageHWPoison',
  'include/linux/page-flags.h:SetPageHWPoison',
  (k, { pfn }) => {
    k.world.update('pages', pfn, pfn + 1, (row) => ({ flags: withFlag(row.flags, 'hwpoison') }));
  },
);

/** collect_procs() and kill_procs() with MF_MUST_KILL: SIGBUS to whoever maps the page. */
const kill_procs = leaf<Pfn, number>(
  'kill_procs',
  'mm/memory-failure.c:kill_procs',
  (k, { pfn }) => {
    const mms = new Set(mappingsOf(k, pfn).map(({ entry }) => entry.mm));
    let killed = 0;
    for (const task of [...k.world.rows('tasks')]) {
      if (!mms.has(task.mm) || task.signal !== '') continue;
      k.world.patch('tasks', task.id, { signal: 'SIGBUS' });
      say(k, pfn, `Sending SIGBUS to ${task.id}:${task.pid} due to hardware memory corruption`);
      killed += 1;
    }
    return killed;
  },
);

/** pgmap_pfn_valid(): is it data of the pagemap, not the memmap it holds itself? */
function pgmap_pfn_valid(k: Kernel, pgmap: Pagemap, pfn: number): boolean {
  const range_id = pgmap.ranges.findIndex((range) => {
    const { pfn: first, nr_pages } = rangePfns(k, range);
    return pfn >= first && pfn < first + nr_pages;
  });
  return range_id >= 0 && pfn >= pfn_first(k, pgmap, range_id);
}

/**
 * mf_generic_kill_procs(): the page is locked through its file's mapping (-EBUSY where it has none:
 * nobody uses it), marked, and its users get SIGBUS. Private and coherent memory is not handled.
 */
const mf_generic_kill_procs = operation<Pfn & { pgmap: string }, Outcome<void>>(
  (k) =>
    k.facts.era.get('memory_failure_op') ? 'mf_generic_kill_procs' : 'memory_failure_dev_pagemap',
  'mm/memory-failure.c:mf_generic_kill_procs',
  function* (k, { pfn, pgmap: id }) {
    const type = typeName(k.world.need('pgmaps', id));
    if (!k.world.at('page_mappings', pfn)) return fail('EBUSY', '!dax_lock_folio(folio)');
    if (type === 'PRIVATE' || type === 'COHERENT' || type === 'PUBLIC') {
      const errno = k.facts.era.get('memory_failure_op') ? 'ENXIO' : 'EBUSY';
      return fail(errno, `pgmap->type == MEMORY_DEVICE_${type}`);
    }
    yield* call(SetPageHWPoison, { pfn });
    yield* call(kill_procs, { pfn });
    return undefined;
  },
);

function* devPagemap(k: Kernel, pfn: number, id: string): Operation<Outcome<void>> {
  const { era } = k.facts;
  const pgmap = k.world.need('pgmaps', id);
  if (era.get('memory_failure_altmap') && !pgmap_pfn_valid(k, pgmap, pfn)) {
    return fail('ENXIO', '!pgmap_pfn_valid(pgmap, pfn)');
  }
  if (era.get('memory_failure_op') && pgmap.ops.split('|').includes('memory_failure')) {
    const args = { pgmap: id, pfn, nr_pages: 1 };
    const done = yield* driverCallback(k, pgmap.device, 'memory_failure', args);
    if (!failed(done)) return undefined;
    if (done.errno !== 'EOPNOTSUPP') return done;
  }
  return yield* call(mf_generic_kill_procs, { pfn, pgmap: id });
}

/** memory_failure_dev_pagemap(): the page is a device's; the reference on its pagemap goes. */
const memory_failure_dev_pagemap = operation<Pfn & { pgmap: string }, Outcome<void>>(
  'memory_failure_dev_pagemap',
  'mm/memory-failure.c:memory_failure_dev_pagemap',
  function* (k, { pfn, pgmap }) {
    const done = yield* devPagemap(k, pfn, pgmap);
    yield* call(put_dev_pagemap, { pgmap });
    say(k, pfn, `recovery action for dax page: ${failed(done) ? 'Failed' : 'Recovered'}`);
    return done;
  },
);

/** Is the page of an online section, and none of ZONE_DEVICE (pfn_to_online_page)? */
function online(k: Kernel, pfn: number): boolean {
  const row = k.world.at('pages', pfn);
  return row !== undefined && row.zone !== zoneDevice(k) && row.state === 'init';
}

/** take_page_off_buddy(): a free page with damaged memory is never handed out again. */
const take_page_off_buddy = leaf<Pfn, void>(
  'take_page_off_buddy',
  'mm/page_alloc.c:take_page_off_buddy',
  (k, { pfn }) => {
    k.world.update('pages', pfn, pfn + 1, (row) => ({
      buddy: false,
      refcount: 1,
      flags: withFlag(row.flags, 'hwpoison'),
    }));
  },
);

/** An online page in brief: a free one is taken away, one in use is the kernel's own or left. */
function* onlinePage(k: Kernel, pfn: number): Operation<Outcome<void>> {
  if (k.world.at('pages', pfn)?.buddy) {
    yield* call(take_page_off_buddy, { pfn });
    say(k, pfn, 'recovery action for free buddy page: Recovered');
    return undefined;
  }
  yield* call(SetPageHWPoison, { pfn });
  say(k, pfn, 'recovery action for reserved kernel page: Ignored');
  return fail('EBUSY', 'MF_IGNORED: the page is in use, and pfnlab knows no recovery for it');
}

/**
 * memory_failure(): the machine found damaged memory. -ENXIO for a PFN without a struct page, or
 * outside the data of a pagemap; -EBUSY where nothing can be done about it.
 */
export const memory_failure = operation<Pfn, Outcome<void>>(
  'memory_failure',
  'mm/memory-failure.c:memory_failure',
  function* (k, { pfn }) {
    if (online(k, pfn)) return yield* onlinePage(k, pfn);
    const { valid } = sectionValidity({ world: k.world, facts: k.facts }, pfn);
    if (valid && !k.facts.era.get('memory_failure_dev_pagemap')) {
      yield* call(SetPageHWPoison, { pfn });
      say(k, pfn, 'reserved kernel page still referenced by 1 users');
      return fail('EBUSY', 'MF_MSG_KERNEL: the page is taken for the kernel\u2019s own');
    }
    const pgmap = valid ? yield* call(get_dev_pagemap, { pfn }) : null;
    if (pgmap !== null) return yield* call(memory_failure_dev_pagemap, { pfn, pgmap });
    say(k, pfn, 'memory outside kernel control');
    return fail('ENXIO', '!pfn_valid(pfn) || !get_dev_pagemap(pfn)');
  },
);

/** soft_offline_page(): pages that begin to fail are emptied; a device's cannot be: -EIO. */
export const soft_offline_page = operation<Pfn, Outcome<void>>(
  'soft_offline_page',
  'mm/memory-failure.c:soft_offline_page',
  function* (k, { pfn }) {
    if (!sectionValidity({ world: k.world, facts: k.facts }, pfn).valid) {
      return fail('ENXIO', '!pfn_valid(pfn)');
    }
    if (!online(k, pfn)) return fail('EIO', '!pfn_to_online_page(pfn)');
    if (!k.world.at('pages', pfn)?.buddy) return fail('EBUSY', 'the page is in use');
    yield* call(take_page_off_buddy, { pfn });
    return undefined;
  },
);
