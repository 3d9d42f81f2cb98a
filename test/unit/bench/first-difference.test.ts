import { describe, expect, it } from 'vitest';
import { firstDifference } from '../../../src/main/bench/batch/first-difference.ts';
import { ModelRun, toyModel } from '../plugins/model-run.ts';

/** The log of two actions; the second writes a register inside a function of its own. */
async function logOf(value: number) {
  const before = `function* inner(k) { yield k.double({ n: 1 }); k.write('word', ${value}n); return 0; }`;
  const body = "if (args.n === 2) yield k.fn('inner', 'a.c', inner, {}); return 0;";
  const run = new ModelRun(await toyModel(body, before));
  run.act('go', { n: 1 });
  const first = run.log.length;
  run.act('go', { n: 2 });
  return { log: run.log, second: first + 1 };
}

describe('firstDifference', () => {
  it('names the outermost call of a model in which two runs differ', async () => {
    const [a, b] = [await logOf(1), await logOf(2)];
    expect(firstDifference(a.log, b.log)).toBe(`go of toy0 at step ${a.second}`);
  });

  it('finds none in equal runs', async () => {
    expect(firstDifference((await logOf(1)).log, (await logOf(1)).log)).toBeUndefined();
  });
});
