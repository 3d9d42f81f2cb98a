import { describe, expect, it } from 'vitest';
import { Cursor } from '../../../src/main/engine/core/world/timeline.ts';
import { ModelRun, toyModel } from './model-run.ts';

async function ran(body: string, before = '') {
  const run = new ModelRun(await toyModel(body, before));
  return { run, outcome: run.act() };
}

describe('an action of a model', () => {
  it('runs a kernel service as a step inside its own step, and is resumed with the result', async () => {
    const { run, outcome } = await ran('const r = yield k.double({ n: 21 }); return r + 1;');
    expect(outcome).toBe(43);
    const [action, service] = run.steps();
    expect(action).toMatchObject({ fn: 'go', kind: 'plugin', parent: 0, ret: 43, basis: 'model' });
    expect(service).toMatchObject({ fn: 'double', kind: 'call', parent: 1, depth: 1, ret: 42 });
    expect(service?.diff).toHaveLength(1);
  });

  it('sees a refused service as a negative errno, and passing it on keeps the check', async () => {
    const { outcome } = await ran(
      'const r = yield k.double({ n: 13 }); if (r !== -k.E.EBUSY) return 0; return r;',
    );
    expect(outcome).toMatchObject({ failed: true, errno: 'EBUSY', check: 'n == 13' });
  });

  it('names the check of an errno of its own', async () => {
    const { outcome } = await ran("return k.fail(k.E.EINVAL, 'size is odd');");
    expect(outcome).toMatchObject({ failed: true, errno: 'EINVAL', check: 'size is odd' });
  });

  it('enters kernel functions of its own as frames, as deep as they call each other', async () => {
    const { run, outcome } = await ran(
      `const rc = yield k.fn('nd_pmem_probe', 'drivers/nvdimm/pmem.c', probe, { ns: 'ns0' });
       return rc + 1;`,
      `function* probe(k, { ns }) {
         const rc = yield k.fn('pmem_attach_disk', 'drivers/nvdimm/pmem.c', attach, { ns }, { basis: 'model' });
         return rc + 1;
       }
       function* attach(k) { return (yield k.double({ n: 1 })) + 1; }`,
    );
    expect(outcome).toBe(5);
    expect(
      run
        .steps()
        .map(({ fn, parent, depth, basis, source }) => ({ fn, parent, depth, basis, source })),
    ).toEqual([
      { fn: 'go', parent: 0, depth: 0, basis: 'model', source: 'org.example.toy:go' },
      {
        fn: 'nd_pmem_probe',
        parent: 1,
        depth: 1,
        basis: 'kernel',
        source: 'drivers/nvdimm/pmem.c:nd_pmem_probe',
      },
      {
        fn: 'pmem_attach_disk',
        parent: 2,
        depth: 2,
        basis: 'model',
        source: 'drivers/nvdimm/pmem.c:pmem_attach_disk',
      },
      { fn: 'double', parent: 3, depth: 3, basis: 'kernel', source: 'test:double' },
    ]);
    expect(run.log.step(3)).toMatchObject({ args: { ns: 'ns0' }, ret: 3, end: 4 });
  });

  it('keeps its state in registers, which stepping back undoes', async () => {
    const { run } = await ran(
      `k.write('word', k.read('word') + 1n); k.write('bytes', 5, 9); k.write('table', 2, { a: [1, 2n, 'x'] });
       yield k.double({ n: 1 });
       k.write('word', 7n); k.write('bytes', 5, 0);`,
    );
    expect(run.register('toy0/word')).toBeUndefined();
    expect(run.register('toy0/bytes/5')).toBeUndefined();
    expect(run.register('toy0/table/2')).toEqual({ a: [1, 2n, 'x'] });
    const cursor = new Cursor(run.log, 1);
    expect(cursor.world.get('registers', 'toy0/word')?.value).toBe(8n);
    expect(cursor.world.get('registers', 'toy0/bytes/5')?.value).toBe(9);
    cursor.seek(0);
    expect(cursor.world.count('registers')).toBe(0);
  });

  it('gets addresses as bigint, counts as numbers, and texts of any length', async () => {
    const long = 'x'.repeat(300);
    const { run, outcome } = await ran(
      `const { start, size } = k.device.range;
       k.write('table', 0, { start, size, top: 2n ** 64n - 1n, low: -5n, long: '${long}' });
       const back = k.read('table', 0);
       return [typeof start, back.start === start, back.top, back.low, back.long.length, k.device.config.speed, k.arch.page_shift].join();`,
    );
    expect(outcome).toBe('bigint,true,18446744073709551615,-5,300,3,12');
    expect(run.register('toy0/table/0')).toMatchObject({ start: 0x100000000n, long });
  });

  it('reads what the lab gave it, checked and with defaults', async () => {
    const run = new ModelRun(await toyModel('return String(args.n) + typeof args.size;'));
    expect(run.act('go', { size: '1GiB' })).toBe('1bigint');
    expect(run.act('go', { n: 'many' })).toBe('`n` takes an integer from 0 to 9007199254740991');
    expect(run.act('go', { speed: 1 })).toBe('there is no `speed`; there are n, size');
    expect(run.act('fly')).toBe('toy0 has no action `fly`; a toy has go, part');
    expect(run.act('go', {}, 'toy9')).toBe('there is no device `toy9`');
  });

  it('reaches a part of its device by the name between the dots', async () => {
    const run = new ModelRun(await toyModel('return 0;'));
    expect(run.act('part', {}, 'toy0.ns3')).toBe('ns3');
    expect(run.register('toy0/table/1')).toEqual({ child: 'ns3' });
    expect(run.act('part')).toContain('toy0.<part>.part');
  });

  it('prints to the kernel log, leaves notes, and asks era switches by name', async () => {
    const { run, outcome } = await ran(
      "k.log('warn', 'hot'); k.note('seen'); return k.switch('fsdax_idle_refcount');",
    );
    expect(outcome).toBe(1);
    expect(run.driver.world.get('kernel_log', 1)).toMatchObject({ level: 'warn', text: 'hot' });
    expect(run.log.step(1).note).toBe('seen');
  });

  it('draws the same random numbers for the same seed of the lab', async () => {
    const model = await toyModel('return [Math.random(), Math.random()].join();');
    const draw = (seed: number) => new ModelRun(model, {}, seed).act();
    expect(draw(5)).toBe(draw(5));
    expect(draw(5)).not.toBe(draw(6));
  });
});

describe('a configuration of a device', () => {
  it('is checked against what its model declares', async () => {
    const model = await toyModel('return 0;');
    const run = new ModelRun(model, { speed: 'fast', colour: 'red' });
    expect(run.opened.problems).toEqual([
      { device: 0, path: 'speed', message: '`speed` takes an integer from 0 to 9007199254740991' },
      { device: 0, path: 'colour', key: true, message: 'there is no `colour`; there are speed' },
    ]);
  });
});
