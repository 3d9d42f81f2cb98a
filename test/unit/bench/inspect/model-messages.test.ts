import { expect, test } from 'vitest';
import { modelMessages } from '../../../../src/main/bench/inspect/model-messages.ts';
import { ModelRun, toyModel } from '../../plugins/model-run.ts';

test('modelMessages tells what a model printed before, between and after its requests', async () => {
  const before =
    "function* inner(k) { k.log('info', 'in'); yield k.double({ n: 2 }); k.log('err', 'out'); }";
  const body = `k.log('info', 'first'); yield k.double({ n: 1 }); k.log('warn', 'second');
    yield k.fn('inner', 'a.c', inner, {}); k.log('info', 'last'); return 0;`;
  const run = new ModelRun(await toyModel(body, before));
  expect(run.act()).toBe(0);
  const messages = modelMessages(run.log, run.log.length);
  expect(messages.map(({ fn, level, text }) => `${fn} ${level} ${text}`)).toEqual([
    'go info first',
    'go warn second',
    'inner info in',
    'inner err out',
    'go info last',
  ]);
  expect(modelMessages(run.log, 1)).toHaveLength(1);
});
