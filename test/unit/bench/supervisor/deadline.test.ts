import { describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/main/bench/supervisor/deadline.ts';
import { BoardWatch, newBoard } from '../../../../src/main/plugins/watch.ts';

const CALL = {
  plugin: 'org.example.toy 1.0.0',
  what: 'action go of toy0',
  place: 'toy/index.js:1:1',
};

/** A thread whose CPU time the test says, with a deadline of 100 ms. */
function thread() {
  const board = newBoard();
  const watch = new BoardWatch(board, () => undefined);
  const state = { cpu: 0 };
  const deadline = new Deadline(board, () => Promise.resolve(state.cpu), 100);
  return { watch, state, deadline, go: watch.number(CALL) };
}

describe('Deadline', () => {
  it('names the call that had its CPU time since it was first seen', async () => {
    const { watch, state, deadline, go } = thread();
    watch.enter(go);
    expect(await deadline.look()).toBeUndefined();
    state.cpu = 99;
    expect(await deadline.look()).toBeUndefined();
    state.cpu = 100;
    expect(await deadline.look()).toBe(go);
  });

  it('does not count what the thread did before, or what waits without CPU time', async () => {
    const { watch, state, deadline, go } = thread();
    state.cpu = 5000;
    expect(await deadline.look()).toBeUndefined();
    watch.enter(go);
    for (let look = 0; look < 1000; look += 1) expect(await deadline.look()).toBeUndefined();
  });

  it('begins anew with each stretch: many short ones are none that is long', async () => {
    const { watch, state, deadline, go } = thread();
    for (let stretch = 0; stretch < 10; stretch += 1) {
      watch.enter(go);
      expect(await deadline.look()).toBeUndefined();
      state.cpu += 90;
      expect(await deadline.look()).toBeUndefined();
      watch.leave();
    }
  });

  it('lets one go that ends while its CPU time is read', async () => {
    const board = newBoard();
    const watch = new BoardWatch(board, () => undefined);
    let cpu = 0;
    const deadline = new Deadline(board, () => (watch.leave(), Promise.resolve((cpu += 500))), 100);
    for (let look = 0; look < 3; look += 1) {
      watch.enter(1);
      expect(await deadline.look()).toBeUndefined();
    }
  });
});
