import { describe, expect, test } from 'vitest';
import { parseTarget } from '../../../../src/main/bench/session/target.ts';
import { runLab } from '../booted.ts';

const { session } = runLab();
const { source, tree } = session;

function seqOf(fn: string): number {
  for (let seq = 1; seq <= source.length; seq += 1) if (source.step(seq).fn === fn) return seq;
  throw new Error(`no step ${fn}`);
}

describe('bench/moves', () => {
  test('stepping into makes one step, back takes it back, at the ends nothing moves', () => {
    session.seek(0);
    session.move('back');
    expect(session.at).toBe(0);
    session.move('into');
    expect(session.at).toBe(1);
    session.move('back');
    expect(session.at).toBe(0);
    session.seek(session.length);
    session.move('into');
    expect(session.at).toBe(session.length);
  });

  test('stepping over a call runs everything inside it, and stepping back over undoes just that', () => {
    const sparse = seqOf('sparse_init');
    session.seek(sparse - 1);
    const hash = session.hash();
    session.move('over');
    expect(session.at).toBe(tree.end(sparse));
    expect(session.at).toBeGreaterThan(sparse);
    session.move('backOver');
    expect(session.at).toBe(sparse - 1);
    expect(session.hash()).toBe(hash);
  });

  test('stepping out runs to the end of the call that is running, back out to before it', () => {
    const present = seqOf('memblock_add');
    const parent = source.step(present).parent;
    session.seek(present);
    session.move('out');
    expect(session.at).toBe(tree.end(parent));
    session.seek(present);
    session.move('backOut');
    expect(session.at).toBe(parent - 1);
  });

  test('a step over stops at a breakpoint inside', () => {
    const id = session.addBreakpoint('function', 'sparse_init_nid');
    session.seek(seqOf('sparse_init') - 1);
    session.move('over');
    expect(source.step(session.at).fn).toBe('sparse_init_nid');
    session.setBreakpoint(id, false);
    session.seek(seqOf('sparse_init') - 1);
    session.move('over');
    expect(session.at).toBe(tree.end(seqOf('sparse_init')));
    session.removeBreakpoint(id);
  });

  test('continue stops at the next hit forward, and the nearest one in reverse', () => {
    const id = session.addBreakpoint('pfn', String(0x1000));
    session.seek(0);
    expect(session.continue(false)).toBe('pfn 4096');
    const first = session.at;
    session.continue(false);
    expect(session.at).toBeGreaterThan(first);
    session.continue(true);
    expect(session.at).toBe(first);
    session.continue(true);
    expect(session.at).toBe(0);
    expect(session.breakpointViews()[0]?.hits).toBeGreaterThanOrEqual(2);
    session.removeBreakpoint(id);
  });

  test('a field breakpoint stops where the field is written', () => {
    session.seek(0);
    expect(session.runTo(parseTarget('zones.DMA32.spanned_pages'), false)).toBe(true);
    const { diff } = source.step(session.at);
    expect(
      diff.some(({ table, to }) => table === 'zones' && to?.['spanned_pages'] === 126943),
    ).toBe(true);
  });
});
