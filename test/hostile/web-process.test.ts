import { once } from 'node:events';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BenchState } from '../../src/shared/bench/state.ts';
import { toyFiles, toyLab, writeFiles } from '../unit/bench/plugins/toys.ts';
import { SMALL_LAB } from '../unit/shells/capture-terminal.ts';
import { DoorProcess } from '../unit/shells/processes.ts';
import { ask, enter, Window } from '../unit/shells/web-client.ts';

let base: string;
const started: DoorProcess[] = [];

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'pfnlab-web-process-'));
});
afterEach(async () => {
  for (const door of started.splice(0)) {
    door.child.kill('SIGKILL');
    await door.ended;
  }
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function start(argv: readonly string[], data = join(base, 'data')): DoorProcess {
  const door = new DoorProcess('web', argv, { cwd: base, env: { PFNLAB_DATA: data } });
  started.push(door);
  return door;
}

async function addressOf(door: DoorProcess): Promise<string> {
  const [, address = ''] = await door.printed(/pfnlab is at (\S+)\n/);
  return address;
}

async function openWindow(address: string): Promise<Window> {
  const port = Number(new URL(address).port);
  return Window.open(port, { Cookie: await enter(address) });
}

async function stateOf(window: Window): Promise<BenchState> {
  const answer = (await window.call('state', {})) as { value: BenchState };
  return answer.value;
}

describe('web door as a process', () => {
  test('an occupied port is one line with the way out, and exit code 2', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, out, err } = await start(['--port', String(port)]).ended;
    other.close();
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(
      `pfnlab: port ${port} is in use, perhaps by another pfnlab; ` +
        'open another with "npm start -- --port N"; --port 0 takes a free one\n',
    );
  });

  test('a wrong option is one line, and exit code 2', async () => {
    const { code, out, err } = await start(['--prot', '1']).ended;
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^pfnlab: .*--prot.*\n$/);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends it with 0, and what was recorded is complete',
    async (signal) => {
      const data = join(base, `data-${signal}`);
      const door = start(['--port', '0'], data);
      const window = await openWindow(await addressOf(door));
      await window.call('labOpen', { name: 'small.lab.yaml', text: SMALL_LAB });
      await window.call('toEnd', {});
      const { session } = await stateOf(window);
      door.child.kill(signal);
      expect(await door.ended).toMatchObject({ code: 0, signal: null });
      expect(existsSync(join(data, 'library.pfnlabdb'))).toBe(true);

      const again = await openWindow(await addressOf(start(['--port', '0'], data)));
      const list = (await again.call('libraryList', {})) as {
        value: { entries: { id: string; status: string; length: number; at: number }[] };
      };
      expect(list.value.entries).toMatchObject([
        { status: 'complete', length: session?.length, at: session?.length },
      ]);
      await again.call('libraryOpen', { id: list.value.entries[0]?.id });
      expect((await stateOf(again)).session).toMatchObject({ hash: session?.hash });
      again.close();
    },
  );

  test('an address that was used lets nobody in; SIGUSR2 prints another', async () => {
    const door = start(['--port', '0']);
    const address = await addressOf(door);
    await enter(address);
    const { port, pathname, search } = new URL(address);
    const replayed = await ask(Number(port), pathname + search);
    expect([replayed.status, replayed.headers['set-cookie']]).toEqual([403, undefined]);
    expect(replayed.body).toContain(`kill -USR2 ${door.child.pid}`);
    door.child.kill('SIGUSR2');
    const [, second = ''] = await door.printed(/pfnlab is at \S+\npfnlab is at (\S+)\n/);
    expect(await enter(second)).toMatch(/^pfnlab-\d+=/);
  });

  test('a named plugin runs, and once it is saved the next run is of what was saved', async () => {
    const toy = writeFiles(join(base, 'toy'), toyFiles({ answer: 1 }));
    const window = await openWindow(await addressOf(start(['--port', '0', '--plugin', 'toy'])));
    const hash = async () => {
      await window.call('labOpen', { name: 'toy.lab.yaml', text: toyLab() });
      await window.call('toEnd', {});
      return (await stateOf(window)).session?.hash;
    };
    const first = await hash();
    const { plugins_revision: before } = await stateOf(window);
    // Replaced in one piece: no run sees half of it.
    writeFiles(base, { 'saved.js': toyFiles({ answer: 2 })['index.js'] });
    renameSync(join(base, 'saved.js'), join(toy, 'index.js'));
    const revisionIn = (message: unknown) =>
      (message as { event?: { state?: BenchState } }).event?.state?.plugins_revision ?? before;
    while (revisionIn(await window.next()) === before);
    expect(await hash()).not.toBe(first);
    const listed = (await window.call('pluginList', {})) as {
      value: { plugins: { id: string; place: string; trusted: boolean }[] };
    };
    expect(listed.value.plugins[0]).toMatchObject({
      ...{ id: 'org.example.toy', place: 'named', trusted: true },
    });
    window.close();
  });

  test('closing every window leaves the bench as it was', async () => {
    const door = start(['--port', '0']);
    const address = await addressOf(door);
    const cookie = await enter(address);
    const port = Number(new URL(address).port);
    const first = await Window.open(port, { Cookie: cookie });
    await first.call('labOpen', { name: 'small.lab.yaml', text: SMALL_LAB });
    await first.call('toEnd', {});
    const before = (await stateOf(first)).session;
    const closed = first.closed();
    first.close();
    await closed;
    const second = await Window.open(port, { Cookie: cookie });
    expect((await stateOf(second)).session).toMatchObject({
      at: before?.at,
      hash: before?.hash,
    });
    second.close();
  });

  test('without a place for the library labs run, nothing is saved, and it says so', async () => {
    const file = join(base, 'not-a-folder');
    writeFileSync(file, '');
    const door = start(['--port', '0'], join(file, 'data'));
    const window = await openWindow(await addressOf(door));
    await window.call('labOpen', { name: 'small.lab.yaml', text: SMALL_LAB });
    await window.call('toEnd', {});
    const state = await stateOf(window);
    expect(state.library_problem).toContain(file);
    expect(state.session).toMatchObject({ id: '', at: state.session?.length });
    expect(state.session?.at).toBeGreaterThan(100);
    const saved = await window.call('sessionSave', {});
    expect(saved).toMatchObject({ ok: false, error: { code: 'no-library' } });
    window.close();
    door.child.kill('SIGTERM');
    const { code, err } = await door.ended;
    expect(code).toBe(0);
    expect(err).toMatch(/^pfnlab: .*not-a-folder.*; nothing will be saved$/m);
  });

  test('a command nobody knows, or input that does not fit, is refused in one sentence', async () => {
    const window = await openWindow(await addressOf(start(['--port', '0'])));
    for (const [command, input, code] of [
      ['explode', {}, 'unknown-command'],
      ['constructor', {}, 'unknown-command'],
      ['seek', { step: -1 }, 'invalid-input'],
      ['seek', { step: '1' }, 'invalid-input'],
      ['seek', null, 'invalid-input'],
      ['labOpen', { name: 'x' }, 'invalid-input'],
      ['toEnd', { more: 1 }, 'invalid-input'],
      ['toEnd', {}, 'no-session'],
    ] as const) {
      const answer = (await window.call(command, input)) as {
        ok: boolean;
        error: { code: string; message: string };
      };
      expect([answer.ok, answer.error.code]).toEqual([false, code]);
      expect(answer.error.message).not.toContain('\n');
    }
    const broken = await window.call('labOpen', { name: 'x.lab.yaml', text: 'pfnlab: [' });
    expect(broken).toMatchObject({
      ok: true,
      value: { opened: false, problems: [{ file: 'x.lab.yaml', severity: 'error' }] },
    });
    window.close();
  });
});
