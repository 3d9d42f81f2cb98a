import { describe, expect, it } from 'vitest';
import { StepTree } from '../../../../src/main/bench/inspect/tree.ts';
import type { Facts, Kernel } from '../../../../src/main/engine/core/facts.ts';
import { Driver } from '../../../../src/main/engine/core/world/driver.ts';
import {
  call,
  leaf,
  operation,
  type Operation,
} from '../../../../src/main/engine/core/world/operation.ts';
import { StepLog } from '../../../../src/main/engine/core/world/timeline.ts';
import { World } from '../../../../src/main/engine/core/world/world.ts';
import type { Step, StepReturn } from '../../../../src/shared/world/step.ts';

const put = leaf<{ name: string }, void>('put', 'test:put', (k, { name }) => {
  k.world.put('vars', { name, value: 1 });
});
const drop = leaf<{ name: string }, void>('drop', 'test:drop', (k, { name }) => {
  k.world.remove('vars', name);
});

/** Two actors whose calls lie inside each other's in time. */
function interleaved(): StepTree {
  const world = new World();
  const log = new StepLog(world.store);
  const sink = {
    step: (step: Step) => log.add(step),
    returned: (event: StepReturn) => log.returned(event),
  };
  const driver = new Driver(sink, { facts: {} as Facts, world });
  const task = (name: string) =>
    operation<object, void>(name, `test:${name}`, function* (_k: Kernel): Operation<void> {
      yield* call(put, { name: `${name}1` });
      yield* call(put, { name: `${name}2` });
      yield* call(drop, { name: `${name}1` });
    });
  driver.add({ actor: 'a', fn: task('a') as never, params: {} });
  driver.add({ actor: 'b', fn: task('b') as never, params: {} });
  // a enters, b runs whole, a goes on: steps 2 to 5 are b's.
  driver.advance('a');
  while (driver.runnable().includes('b')) driver.advance('b');
  driver.runToEnd();
  return new StepTree(log);
}

describe('bench/inspect: the tree of steps', () => {
  it('adds up a call with what is inside it, and leaves other actors out', () => {
    const tree = interleaved();
    expect(tree.subtree(1)).toEqual({ steps: 4, added: 2, updated: 0, removed: 1 });
    expect(tree.subtree(2)).toEqual({ steps: 4, added: 2, updated: 0, removed: 1 });
    expect(tree.subtree(3)).toEqual({ steps: 1, added: 1, updated: 0, removed: 0 });
  });

  it('lists the calls of each actor under their own parent', () => {
    const tree = interleaved();
    expect(tree.children(0)).toEqual([1, 2]);
    expect(tree.children(1)).toEqual([6, 7, 8]);
    expect(tree.children(2)).toEqual([3, 4, 5]);
  });
});
