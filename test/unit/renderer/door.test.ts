import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BenchEvent } from '../../../src/shared/bench/commands.ts';
import { BenchFailure, openSocket } from '../../../src/renderer/bench/door.ts';

/** The half of a WebSocket that the door uses, with its far end in the hands of the test. */
class Wire extends EventTarget {
  readyState: number = WebSocket.CONNECTING;
  readonly sent: { id: number; command: string; input: unknown }[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  open(): void {
    this.readyState = WebSocket.OPEN;
    this.dispatchEvent(new Event('open'));
  }

  say(message: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }

  drop(): void {
    this.readyState = WebSocket.CLOSED;
    this.dispatchEvent(new Event('close'));
  }
}

function connected() {
  const wires: Wire[] = [];
  const door = openSocket('ws://127.0.0.1/bench', () => {
    const wire = new Wire();
    wires.push(wire);
    return wire as unknown as WebSocket;
  });
  return { door, wires };
}

afterEach(() => vi.useRealTimers());

describe('the door over a WebSocket', () => {
  it('keeps what is asked before it is open, and asks it then', async () => {
    const { door, wires } = connected();
    const answer = door.api.call('stepInto', {});
    expect(wires[0]?.sent).toEqual([]);
    wires[0]?.open();
    expect(wires[0]?.sent).toEqual([{ id: 1, command: 'stepInto', input: {} }]);
    wires[0]?.say({ id: 1, ok: true, value: { at: 7 } });
    await expect(answer).resolves.toEqual({ at: 7 });
  });

  it('gives every answer to its own question', async () => {
    const { door, wires } = connected();
    wires[0]?.open();
    const first = door.api.call('seek', { step: 1 });
    const second = door.api.call('seek', { step: 2 });
    wires[0]?.say({ id: 2, ok: true, value: { at: 2 } });
    wires[0]?.say({ id: 1, ok: true, value: { at: 1 } });
    await expect(Promise.all([first, second])).resolves.toEqual([{ at: 1 }, { at: 2 }]);
  });

  it('turns a refusal into an error with the code and place of the bench', async () => {
    const { door, wires } = connected();
    wires[0]?.open();
    const answer = door.api.call('toEnd', {});
    const error = { code: 'no-session', message: 'open a lab first' };
    wires[0]?.say({ id: 1, ok: false, error });
    await expect(answer).rejects.toEqual(new BenchFailure(error));
    await answer.catch((failure: BenchFailure) => expect(failure.detail).toEqual(error));
  });

  it('tells events to those who listen, until they stop', () => {
    const { door, wires } = connected();
    const heard: BenchEvent[] = [];
    const stop = door.api.listen((event) => heard.push(event));
    wires[0]?.say({ event: { type: 'progress', steps: 3, fn: 'sparse_init' } });
    stop();
    wires[0]?.say({ event: { type: 'progress', steps: 4, fn: 'sparse_init' } });
    expect(heard).toEqual([{ type: 'progress', steps: 3, fn: 'sparse_init' }]);
  });

  it('fails what is unanswered when it is lost, joins again and asks for the state', async () => {
    vi.useFakeTimers();
    const { door, wires } = connected();
    wires[0]?.open();
    const answer = door.api.call('toEnd', {});
    wires[0]?.drop();
    await expect(answer).rejects.toThrow('lost');
    expect(door.status.value).toBe('lost');

    vi.runAllTimers();
    expect(wires).toHaveLength(2);
    const heard: BenchEvent[] = [];
    door.api.listen((event) => heard.push(event));
    wires[1]?.open();
    expect(door.status.value).toBe('open');
    const asked = wires[1]?.sent[0];
    expect(asked?.command).toBe('state');
    const state = {
      version: '1',
      door: 'web',
      session: null,
      plugins_revision: 0,
      library_folder: '/',
    };
    wires[1]?.say({ id: asked?.id, ok: true, value: state });
    await vi.waitFor(() => expect(heard).toEqual([{ type: 'state', state }]));
  });
});
