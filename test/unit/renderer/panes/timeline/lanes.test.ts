import { describe, expect, it } from 'vitest';
import type { StepRow } from '../../../../../src/shared/bench/views.ts';
import {
  deviceTicks,
  layOutLanes,
  shareRows,
} from '../../../../../src/renderer/panes/timeline/lanes.ts';
import { actorColour } from '../../../../../src/renderer/parts/actor-colour.ts';
import { latestOnly } from '../../../../../src/renderer/panes/timeline/seeking.ts';
import {
  operationAt,
  stripBlocks,
  underFlag,
} from '../../../../../src/renderer/panes/timeline/strip.ts';

const view = { from: 0, to: 100, width: 1000, length: 99 };

function call(seq: number, end: number, depth: number, fn: string, rest = {}): StepRow {
  return {
    seq,
    end,
    depth,
    fn,
    parent: 0,
    kind: 'call',
    actor: 'ndctl',
    args: '',
    result: '',
    count: 1,
    added: 0,
    updated: 0,
    removed: 0,
    children: 0,
    subtree: { steps: 1, added: 0, updated: 0, removed: 0 },
    ...rest,
  };
}

describe('lanes of the timeline', () => {
  it('nest the calls of an actor', () => {
    const [lane] = layOutLanes(
      [call(1, 50, 0, 'probe'), call(10, 30, 1, 'attach'), call(32, 40, 1, 'read')],
      ['ndctl'],
      view,
      99,
    );
    expect(lane?.bars.map(({ label, row, x, width }) => [label, row, x, width])).toEqual([
      ['probe', 0, 10, 500],
      ['attach', 1, 100, 210],
      ['read', 1, 320, 90],
    ]);
    expect(lane?.rows).toBe(2);
  });

  it('show calls that only call each other as one bar', () => {
    const [lane] = layOutLanes(
      [
        call(1, 50, 0, 'nd_pmem_probe'),
        call(2, 50, 1, 'pmem_attach_disk'),
        call(5, 20, 2, 'devm_memremap_pages'),
        call(30, 40, 2, 'device_add_disk'),
      ],
      [],
      view,
      99,
    );
    expect(lane?.bars.map(({ label, row }) => [label, row])).toEqual([
      ['nd_pmem_probe \u203a pmem_attach_disk', 0],
      ['devm_memremap_pages', 1],
      ['device_add_disk', 1],
    ]);
  });

  it('keep actors apart whose steps interleave', () => {
    const lanes = layOutLanes(
      [
        call(1, 50, 0, 'unbind', { actor: 'admin' }),
        call(10, 45, 0, 'pin', { actor: 'app' }),
        call(20, 30, 1, 'devm_memunmap_pages', { actor: 'admin' }),
      ],
      ['admin', 'app'],
      view,
      99,
    );
    expect(lanes.map(({ actor, rows }) => [actor, rows])).toEqual([
      ['admin', 2],
      ['app', 1],
    ]);
  });

  it('mark the innermost call of the current step, and how far each is replayed', () => {
    const [lane] = layOutLanes(
      [call(0, 79, 0, 'outer'), call(40, 59, 1, 'inner'), call(70, 75, 1, 'later')],
      [],
      view,
      49,
    );
    const state = lane?.bars.map(({ label, hot, done }) => [label, hot, done]);
    expect(state).toEqual([
      ['outer', false, 50 / 80],
      ['inner', true, 0.5],
      ['later', false, 0],
    ]);
  });

  it('let a call that has not returned reach the end of the recording', () => {
    const [lane] = layOutLanes([call(10, 0, 0, 'open')], [], view, 99);
    expect(lane?.bars[0]).toMatchObject({ x: 100, width: 900 });
  });

  it('merge calls too narrow to be told apart', () => {
    const wide = { from: 0, to: 10_000, width: 1000, length: 9999 };
    const many = Array.from({ length: 1000 }, (_unused, index) =>
      call(index * 2 + 1, index * 2 + 1, 0, `f${index}`),
    );
    const [lane] = layOutLanes(many, [], wide, 0);
    expect(lane?.bars.length).toBeLessThan(200);
    expect(lane?.bars[0]?.merged).toBeGreaterThan(1);
  });

  it('share a low pane: every actor keeps a row', () => {
    expect(shareRows([{ rows: 1 }, { rows: 6 }, { rows: 2 }], 6)).toEqual([1, 3, 2]);
    expect(shareRows([{ rows: 4 }, { rows: 4 }], 1)).toEqual([1, 1]);
    expect(shareRows([{ rows: 6 }, { rows: 6, current: true }], 9)).toEqual([3, 6]);
  });

  it('take the colours of their actors in the order in which they appeared', () => {
    expect(actorColour(['swapper/0', 'ndctl'], 'ndctl')).toBe('var(--actor-2)');
    const seven = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    expect(actorColour(seven, 'g')).toBe('var(--actor-1)');
  });

  it('tick where a device was written to, in view only', () => {
    const ticks = [
      { device: 'nvdimm0', seq: 5 },
      { device: 'nvdimm0', seq: 500 },
    ];
    expect(deviceTicks(ticks, view)).toEqual([{ device: 'nvdimm0', seq: 5, x: 50 }]);
  });
});

describe('the strip of all steps', () => {
  const operation = { title: 'boot', actor: 'swapper/0' };

  it('has a block for each operation that has begun, with its share of the steps', () => {
    const blocks = stripBlocks(
      [
        { ...operation, index: 1, first: 1, last: 60 },
        { ...operation, index: 2, first: 61, last: 0 },
        { ...operation, index: 3, first: 0, last: 0 },
      ],
      80,
      100,
    );
    expect(blocks.map(({ index, from, to, done }) => [index, from, to, done])).toEqual([
      [1, 0, 0.6, 1],
      [2, 0.6, 1, 0.5],
    ]);
  });
});

describe('the operation around a step', () => {
  it('is the one that holds it, up to the last step while it has not ended', () => {
    const operations = [
      { first: 1, last: 60 },
      { first: 61, last: 0 },
    ];
    expect(operationAt(operations, 60, 80)).toEqual({ first: 1, last: 60 });
    expect(operationAt(operations, 70, 80)).toEqual({ first: 61, last: 80 });
    expect(operationAt(operations, 0, 80)).toBeUndefined();
  });
});

describe('numbers of the ruler', () => {
  it('give way to the names of bookmarks, right of their line or left of it at the edge', () => {
    const early = [{ x: 100, title: 'before memremap' }];
    expect([90, 150, 250].map((x) => underFlag(early, x, 600))).toEqual([true, true, false]);
    const late = [{ x: 590, title: 'before memremap' }];
    expect([420, 520].map((x) => underFlag(late, x, 600))).toEqual([false, true]);
  });
});

describe('seeking while dragging', () => {
  it('has one request under way and sends the last wish only', async () => {
    const sent: number[] = [];
    const answers: (() => void)[] = [];
    const seek = latestOnly((step) => {
      sent.push(step);
      return new Promise<void>((resolve) => answers.push(resolve));
    });
    seek(1);
    seek(2);
    seek(3);
    expect(sent).toEqual([1]);
    answers[0]?.();
    await Promise.resolve();
    await Promise.resolve();
    expect(sent).toEqual([1, 3]);
  });
});
