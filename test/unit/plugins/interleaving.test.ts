import { describe, expect, it } from 'vitest';
import { resolveDeviceOp } from '../../../src/main/engine/kernel/device/operations.ts';
import type { KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import { ModelRun, toyModel } from './model-run.ts';

/** Two tasks in one action of one device, stepping in the given order. */
async function interleave(body: string, order: readonly string[]) {
  const run = new ModelRun(await toyModel(body));
  const outcomes: Record<string, unknown> = {};
  for (const [at, actor] of ['a', 'b'].entries()) {
    const found = resolveDeviceOp(
      { target: 'toy0', op: 'go', args: { n: at + 1 } },
      run.opened.devices,
    );
    if (!found.ok) throw new Error(found.message);
    const fn = found.fn as unknown as KernelFunction<never, unknown>;
    run.driver.add({
      actor,
      fn,
      params: found.params,
      done: (result) => (outcomes[actor] = result),
    });
  }
  for (const actor of order) run.driver.advance(actor);
  run.driver.runToEnd();
  return { run, outcomes };
}

const BODY = `
  const first = yield k.double({ n: args.n });
  const second = yield k.double({ n: first });
  k.write('table', args.n, { second });
  return second + (yield k.double({ n: args.n }));`;

describe('two tasks inside one model', () => {
  it.each([
    ['one after the other', []],
    ['turn by turn', ['a', 'b', 'a', 'b', 'a', 'b']],
    ['the second overtaking', ['a', 'b', 'b', 'b', 'b', 'a']],
  ])('keep their own frames: %s', async (_name, order) => {
    const { run, outcomes } = await interleave(BODY, order);
    expect(outcomes).toEqual({ a: 4 + 2, b: 8 + 4 });
    expect(run.register('toy0/table/1')).toEqual({ second: 4 });
    expect(run.register('toy0/table/2')).toEqual({ second: 8 });
  });

  it('both end when one of them makes the model fail', async () => {
    const body = `yield k.double({ n: 1 }); if (args.n === 1) null.x; yield k.double({ n: 1 }); return 1;`;
    const { outcomes, run } = await interleave(body, ['a', 'b', 'a', 'b']);
    expect(outcomes['a']).toMatchObject({
      errno: 'EIO',
      check: expect.stringContaining('TypeError'),
    });
    expect(outcomes['b']).toMatchObject({
      errno: 'EIO',
      check: 'the model was started afresh after a fault in another call',
    });
    expect(run.act('go', { n: 2 })).toBe(1);
  });
});
