import { describe, expect, it } from 'vitest';
import { ModelRun, toyModel } from '../unit/plugins/model-run.ts';
import { ABSENT, ATTACKS } from './plugin-attacks.ts';

/** Runs a hostile action, then a good one of the same device and one of another plugin. */
async function attack(body: string, before = '') {
  const run = new ModelRun(await toyModel(`if (args.n === 2) { ${body} } return 'fine';`, before));
  const outcome = run.act('go', { n: 2 });
  expect(run.act('go', { n: 1 })).toBe('fine');
  return outcome;
}

for (const [message, attacks] of Object.entries(ATTACKS)) {
  describe(`ends with -EIO and "${message}", and the next action works`, () => {
    it.each(attacks)('$body', async ({ body, before, at }) => {
      const check = at === undefined ? message : `${message} (at ${at})`;
      expect(await attack(body, before)).toEqual({ failed: true, errno: 'EIO', check });
    });
  });
}

describe('a model finds nothing that leads out of its sandbox', () => {
  it.each(ABSENT)('%s', async (name) => {
    const outcome = await attack(`return typeof ${name} + typeof globalThis.${name};`);
    expect(outcome).toBe('undefinedundefined');
  });
});

describe('memory that one plugin fills', () => {
  it('is its own: another device works while it is full', async () => {
    const hog = new ModelRun(
      await toyModel('const all = []; yield k.double({ n: 1 }); for (;;) all.push([1]);'),
    );
    expect(hog.act()).toMatchObject({ failed: true, errno: 'EIO' });
    expect(await attack('return 1;')).toBe(1);
  });

  it('does not grow by functions bound to functions', async () => {
    const body = 'let f = () => 1; for (let i = 0; i < 1e6; i++) f = f.bind(null); f();';
    expect(await attack(body)).toMatchObject({
      errno: 'EIO',
      check: expect.stringContaining('out of memory'),
    });
  });

  it('is freed however deep it is nested', async () => {
    expect(await attack('let o = null; for (let i = 0; i < 1e5; i++) o = [o]; return 1;')).toBe(1);
    expect(await attack('let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return 1;')).toBe(1);
  });
});
