import type { Kernel } from '../../core/facts.ts';
import {
  fail,
  leaf,
  operation,
  waitForCompletion,
  type Outcome,
} from '../../core/world/operation.ts';
import { gracePeriod } from '../../core/world/rcu.ts';
import { complete, initCompletion } from '../../core/world/sync.ts';

/** Name of the completion that the last reference of a pagemap, or of a driver's, completes. */
function doneOf(ref: string): string {
  return `${ref}.done`;
}

/** percpu_ref_get(), `nr` times. */
export function addReferences(k: Kernel, id: string, nr: number): void {
  const { ref, external_ref } = k.world.need('pgmaps', id);
  k.world.patch('pgmaps', id, { ref: ref + nr });
  if (external_ref !== '') addExternal(k, external_ref, nr);
}

/** percpu_ref_put(), `nr` times: the last one of a killed reference completes `done`. */
export function dropReferences(k: Kernel, id: string, nr: number): void {
  const pgmap = k.world.need('pgmaps', id);
  const ref = pgmap.ref - nr;
  k.world.patch('pgmaps', id, { ref });
  if (pgmap.external_ref !== '') addExternal(k, pgmap.external_ref, -nr);
  else if (ref === 0 && pgmap.ref_dead) complete(k.world, doneOf(id));
}

function addExternal(k: Kernel, name: string, nr: number): void {
  const { count, dead } = k.world.need('percpu_refs', name);
  k.world.patch('percpu_refs', name, { count: count + nr });
  if (dead && count + nr === 0) complete(k.world, doneOf(name));
}

/**
 * A reference: a pagemap's own, or one that a driver made and hands to memremap_pages as `ref`.
 * Exactly one of the two names.
 */
export type RefName =
  | { readonly pgmap: string; readonly ref?: undefined }
  | { readonly ref: string; readonly pgmap?: undefined };

/** percpu_ref_init() with init_completion(): one reference, alive. -EEXIST for a name in use. */
export const percpu_ref_init = leaf<RefName & { device?: string }, Outcome<void>>(
  'percpu_ref_init',
  'lib/percpu-refcount.c:percpu_ref_init',
  (k, { pgmap, ref, device = '' }) => {
    if (ref !== undefined) {
      if (k.world.get('percpu_refs', ref)) return fail('EEXIST', `model: there is a ref ${ref}`);
      k.world.put('percpu_refs', { name: ref, count: 1, dead: false, device });
    } else k.world.patch('pgmaps', pgmap, { ref: 1, ref_dead: false });
    initCompletion(k.world, doneOf(ref ?? pgmap));
    return undefined;
  },
);

export const percpu_ref_get_many = leaf<{ pgmap: string; nr: number }, void>(
  'percpu_ref_get_many',
  'include/linux/percpu-refcount.h:percpu_ref_get_many',
  (k, { pgmap, nr }) => {
    addReferences(k, pgmap, nr);
  },
);

export const percpu_ref_put_many = leaf<{ pgmap: string; nr: number }, void>(
  'percpu_ref_put_many',
  'include/linux/percpu-refcount.h:percpu_ref_put_many',
  (k, { pgmap, nr }) => {
    dropReferences(k, pgmap, nr);
  },
);

/** percpu_ref_kill(): tryget_live fails from now on; the first reference goes. */
export const percpu_ref_kill = leaf<RefName, Outcome<void>>(
  'percpu_ref_kill',
  'include/linux/percpu-refcount.h:percpu_ref_kill',
  (k, { pgmap, ref }) => {
    if (ref === undefined) {
      k.world.patch('pgmaps', pgmap, { ref_dead: true });
      dropReferences(k, pgmap, 1);
      return undefined;
    }
    const row = k.world.get('percpu_refs', ref);
    if (!row || row.dead)
      return fail('EINVAL', 'percpu_ref_kill_and_confirm called more than once');
    k.world.patch('percpu_refs', ref, { dead: true });
    for (const { id, external_ref } of k.world.rows('pgmaps')) {
      if (external_ref === ref) k.world.patch('pgmaps', id, { ref_dead: true });
    }
    addExternal(k, ref, -1);
    return undefined;
  },
);

/** What is waited for: the last user of a reference, or a completion by its own name. */
export interface WaitParams {
  readonly ref?: string;
  readonly pgmap?: string;
  readonly completion?: string;
}

/**
 * wait_for_completion(), which no signal ends: until the killed reference has no user left. It lost
 * its first count in an RCU callback, so who walked page tables with interrupts off has finished too.
 * Or until a driver's own completion was completed.
 */
export const wait_for_completion = operation<WaitParams, Outcome<void>>(
  'wait_for_completion',
  'kernel/sched/completion.c:wait_for_completion',
  function* (k, { pgmap, ref, completion }) {
    if (completion !== undefined) {
      if (!k.world.get('completions', completion)) {
        return fail('EINVAL', `no completion ${completion}`);
      }
      yield* waitForCompletion(completion);
      return undefined;
    }
    yield* gracePeriod(k);
    yield* waitForCompletion(doneOf(ref ?? pgmap ?? ''));
    return undefined;
  },
);

/** percpu_ref_exit(): the reference is its owner's memory again; pfnlab forgets it. */
export const percpu_ref_exit = leaf<RefName, void>(
  'percpu_ref_exit',
  'lib/percpu-refcount.c:percpu_ref_exit',
  (k, { pgmap, ref }) => {
    k.world.remove('completions', doneOf(ref ?? pgmap));
    if (ref !== undefined) k.world.remove('percpu_refs', ref);
  },
);
