import { effectScope, ref, type EffectScope } from 'vue';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useInspection } from '../../../../src/renderer/bench/inspections.ts';
import { FakeDoor } from './fake-door.ts';

/** Lets answers that were given arrive, and what watches them run. */
const settle = (): Promise<void> => new Promise((done) => setImmediate(done));

let door: FakeDoor;
let scope: EffectScope;
const pane = <T>(ask: () => T): T => scope.run(ask)!;
const vars = (text: string) => ({ vars: [{ name: 'max_pfn', text, by: 1, changed: false }] });

beforeEach(async () => {
  door = new FakeDoor();
  scope = effectScope();
  await door.open();
});
afterEach(() => scope.stop());

describe('what panes ask about a step', () => {
  it('costs one request for each distinct view, however many panes ask', async () => {
    const panes = pane(() => [
      useInspection('vars', () => ({})),
      useInspection('page', () => ({ pfn: 1 })),
      useInspection('vars', () => ({})),
      useInspection('page', () => ({ pfn: 2 })),
      useInspection('page', () => ({ pfn: 1 })),
    ]);
    expect(door.names()).toEqual(['vars {}', 'page {"pfn":1}', 'page {"pfn":2}']);
    expect(panes.map(({ loading }) => loading.value)).toEqual(Array(5).fill(true));
    door.asked[0]?.answer(vars('8'));
    await settle();
    expect(panes[0]?.data.value).toEqual(vars('8'));
    expect(panes[2]?.data.value).toBe(panes[0]?.data.value);

    door.asked.length = 0;
    door.tell({ at: 1, hash: '01' });
    await settle();
    expect(door.names()).toEqual(['vars {}', 'page {"pfn":1}', 'page {"pfn":2}']);
  });

  it('is not asked again where nothing but a bookmark has changed', async () => {
    pane(() => useInspection('vars', () => ({})));
    door.tell({ bookmarks: [{ id: 1, step: 0, title: 'here' }] });
    await settle();
    expect(door.names()).toEqual(['vars {}']);
  });

  it('keeps the last value until the next one is there', async () => {
    const { data, loading } = pane(() => useInspection('vars', () => ({})));
    door.asked[0]?.answer(vars('8'));
    await settle();
    expect([data.value, loading.value]).toEqual([vars('8'), false]);
    door.tell({ at: 1, hash: '01' });
    await settle();
    expect([data.value, loading.value]).toEqual([vars('8'), true]);
  });

  it('is shown at once, without a request, when one goes back to a step', async () => {
    const { data } = pane(() => useInspection('vars', () => ({})));
    for (const [at, text] of ['8', '16', '24'].entries()) {
      door.tell({ at, hash: `0${at}` });
      await settle();
      door.asked[at]?.answer(vars(text));
      await settle();
    }
    door.tell({ at: 0, hash: '00' });
    await settle();
    expect(data.value).toEqual(vars('8'));
    door.tell({ at: 1, hash: '01' });
    await settle();
    expect(data.value).toEqual(vars('16'));
    expect(door.asked).toHaveLength(3);
  });

  it('is asked again when the recording has grown: later steps may have written the page', async () => {
    const { data } = pane(() => useInspection('vars', () => ({})));
    door.asked[0]?.answer(vars('8'));
    await settle();
    door.tell({ length: 12 });
    await settle();
    expect(door.asked).toHaveLength(2);
    door.asked[1]?.answer(vars('9'));
    await settle();
    expect(data.value).toEqual(vars('9'));
  });

  it('is kept for a few steps only', async () => {
    pane(() => useInspection('vars', () => ({})));
    for (let at = 0; at <= 8; at += 1) {
      door.tell({ at, hash: `0${at}` });
      await settle();
      door.asked.at(-1)?.answer(vars(`${at}`));
      await settle();
    }
    expect(door.asked).toHaveLength(9);
    door.tell({ at: 7, hash: '07' });
    await settle();
    expect(door.asked).toHaveLength(9);
    door.tell({ at: 0, hash: '00' });
    await settle();
    expect(door.asked).toHaveLength(10);
  });
});

describe('answers that come after the session has moved', () => {
  it('never overwrite those of the step it stands at', async () => {
    const { data } = pane(() => useInspection('vars', () => ({})));
    door.tell({ at: 1, hash: '01' });
    await settle();
    door.asked[1]?.answer(vars('16'));
    await settle();
    door.asked[0]?.answer(vars('8'));
    await settle();
    expect(data.value).toEqual(vars('16'));
  });

  it('are asked for again: nobody knows at which step the bench gave them', async () => {
    const { data, loading } = pane(() => useInspection('vars', () => ({})));
    door.tell({ at: 1, hash: '01' });
    door.tell({ at: 0, hash: '00' });
    await settle();
    expect(door.asked).toHaveLength(2);
    door.asked[0]?.answer(vars('of step 1'));
    await settle();
    expect([data.value, loading.value]).toEqual([null, true]);
    door.asked[1]?.answer(vars('8'));
    await settle();
    expect([data.value, loading.value]).toEqual([vars('8'), false]);
  });

  it('of another input are not shown', async () => {
    const pfn = ref(1);
    const { data } = pane(() => useInspection('page', () => ({ pfn: pfn.value })));
    pfn.value = 2;
    await settle();
    door.asked[1]?.answer({ pfn: 2 });
    door.asked[0]?.answer({ pfn: 1 });
    await settle();
    expect(data.value).toEqual({ pfn: 2 });
  });

  it('go nowhere once the session is closed, and nothing is asked', async () => {
    const { data, loading } = pane(() => useInspection('vars', () => ({})));
    door.tell(null);
    await settle();
    door.asked[0]?.answer(vars('8'));
    await settle();
    expect([data.value, loading.value, door.asked.length]).toEqual([null, false, 1]);
  });
});

describe('a view that the bench refuses', () => {
  it('tells all panes that ask for it why', async () => {
    const panes = pane(() => [
      useInspection('section', () => ({ nr: 7 })),
      useInspection('section', () => ({ nr: 7 })),
    ]);
    door.asked[0]?.refuse('there is no section 7');
    await settle();
    expect(panes.map(({ error, loading }) => [error.value, loading.value])).toEqual([
      ['there is no section 7', false],
      ['there is no section 7', false],
    ]);
    expect(door.asked).toHaveLength(1);
  });

  it('is asked again when the bench tells its state, as after a lost connection', async () => {
    const { data, error } = pane(() => useInspection('vars', () => ({})));
    const page = pane(() => useInspection('page', () => ({ pfn: 1 })));
    door.asked[1]?.answer({ pfn: 1 });
    door.asked[0]?.refuse('the connection was lost');
    await settle();
    door.tell({});
    await settle();
    expect(door.names()).toEqual(['vars {}', 'page {"pfn":1}', 'vars {}']);
    door.asked[2]?.answer(vars('8'));
    await settle();
    expect([data.value, error.value, page.data.value]).toEqual([vars('8'), '', { pfn: 1 }]);
  });
});

describe('an input of null', () => {
  it('asks nothing and shows nothing', async () => {
    const pfn = ref<number | null>(null);
    const { data } = pane(() =>
      useInspection('page', () => (pfn.value === null ? null : { pfn: pfn.value })),
    );
    expect(door.asked).toHaveLength(0);
    pfn.value = 1;
    await settle();
    door.asked[0]?.answer({ pfn: 1 });
    await settle();
    expect(data.value).toEqual({ pfn: 1 });
    pfn.value = null;
    await settle();
    expect(data.value).toBeNull();
  });
});
