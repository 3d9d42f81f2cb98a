import type { Kernel } from '../facts.ts';
import { leaf, operation, waitForCompletion } from '../world/operation.ts';
import { complete, initCompletion } from '../world/sync.ts';

/** Name of a pagemap's `done` completion. */
export function doneOf(pgmap: string): string {
  return `${pgmap}.done`;
}

/** percpu_ref_get(), `nr` times. */
export function addReferences(k: Kernel, id: string, nr: number): void {
  const { ref } = k.world.need('pgmaps', id);
  k.world.patch('pgmaps', id, { ref: ref + nr });
}

/** percpu_ref_put(), `nr` times: the last one of a killed reference completes `done`. */
export function dropReferences(k: Kernel, id: string, nr: number): void {
  const pgmap = k.world.need('pgmaps', id);
  const ref = pgmap.ref - nr;
  k.world.patch('pgmaps', id, { ref });
  if (ref === 0 && pgmap.ref_dead) complete(k.world, doneOf(id));
}

/** percpu_ref_init() with init_completion(&pgmap->done): one reference, alive. */
export const percpu_ref_init = leaf<{ pgmap: string }, void>(
  'percpu_ref_init',
  'mm/memremap.c:memremap_pages',
  (k, { pgmap }) => {
    initCompletion(k.world, doneOf(pgmap));
    k.world.patch('pgmaps', pgmap, { ref: 1, ref_dead: false });
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
export const percpu_ref_kill = leaf<{ pgmap: string }, void>(
  'percpu_ref_kill',
  'include/linux/percpu-refcount.h:percpu_ref_kill',
  (k, { pgmap }) => {
    k.world.patch('pgmaps', pgmap, { ref_dead: true });
    dropReferences(k, pgmap, 1);
  },
);

/** wait_for_completion(&pgmap->done), which no signal ends. */
export const wait_for_completion = operation<{ pgmap: string }, void>(
  'wait_for_completion',
  'kernel/sched/completion.c:wait_for_completion',
  function* (_k, { pgmap }) {
    yield* waitForCompletion(doneOf(pgmap));
  },
);

/** percpu_ref_exit(): the driver's struct dev_pagemap is its own again; pfnlab forgets it. */
export const percpu_ref_exit = leaf<{ pgmap: string }, void>(
  'percpu_ref_exit',
  'lib/percpu-refcount.c:percpu_ref_exit',
  (k, { pgmap }) => {
    k.world.remove('completions', doneOf(pgmap));
  },
);
