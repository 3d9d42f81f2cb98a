import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../../src/main/shells/csp.ts';
import { openWebDoor, type WebDoor } from '../../../src/main/shells/web-server.ts';
import { EchoBench } from './echo-bench.ts';
import { ask, enter, Window } from './web-client.ts';

const bench = new EchoBench();
let folder: string;
let door: WebDoor;
let cookie: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pfnlab-web-'));
  writeFileSync(join(folder, 'index.html'), '<title>pfnlab</title>');
  door = await openWebDoor({ bench, folder, port: 0 });
  cookie = await enter(door.issueAddress());
});
afterAll(async () => {
  await door.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('web door: who gets in', () => {
  test('an address opens once, for a cookie scripts cannot read and other sites cannot send', async () => {
    const { pathname, search } = new URL(door.issueAddress());
    const first = await ask(door.port, pathname + search);
    expect([first.status, first.headers.location]).toEqual([303, '/']);
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(/^pfnlab-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    const second = await ask(door.port, pathname + search);
    expect(second.status).toBe(403);
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(second.body).toContain('get a new address');
  });

  test('the browser that has the cookie may use an old address, and reload', async () => {
    const old = await ask(door.port, '/?token=used-long-ago', { Cookie: cookie });
    expect([old.status, old.headers.location]).toEqual([303, '/']);
    for (const _ of [1, 2]) {
      const page = await ask(door.port, '/', { Cookie: `other=1; ${cookie}` });
      expect([page.status, page.body]).toEqual([200, '<title>pfnlab</title>']);
    }
  });

  test('without a cookie, or with another, there is nothing', async () => {
    const name = cookie.split('=')[0];
    for (const sent of ['', `${name}=guess`, `x${cookie}`]) {
      const answer = await ask(door.port, '/', { Cookie: sent });
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain('<title>');
    }
  });

  test('every answer carries the policy', async () => {
    for (const sent of [cookie, '']) {
      const answer = await ask(door.port, '/', { Cookie: sent });
      expect(answer.headers['content-security-policy']).toBe(CONTENT_SECURITY_POLICY);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
  });

  test('only GET and HEAD are answered', async () => {
    const post = await ask(door.port, '/', { Cookie: cookie }, 'POST');
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD']);
    const head = await ask(door.port, '/', { Cookie: cookie }, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '21', '']);
  });

  // Only Linux has all of 127.0.0.0/8 without set-up.
  test.skipIf(process.platform !== 'linux')(
    'it listens on 127.0.0.1 alone, so the port stays free on other addresses',
    async () => {
      const other = createServer();
      await new Promise<void>((resolve, reject) => {
        other.once('error', reject);
        other.listen(door.port, '127.0.0.2', resolve);
      });
      expect((other.address() as AddressInfo).port).toBe(door.port);
      await new Promise((resolve) => other.close(resolve));
    },
  );
});

describe('web door: the socket', () => {
  test('carries a command and its answer', async () => {
    const window = await Window.open(door.port, { Cookie: cookie });
    window.send('{"id":3,"command":"state","input":{"a":1}}');
    expect(await window.next()).toEqual({
      id: 3,
      ok: true,
      value: { name: 'state', input: { a: 1 } },
    });
    window.close();
  });

  test('carries a refusal with its place', async () => {
    const window = await Window.open(door.port, { Cookie: cookie });
    const error = { code: 'value', message: 'no', file: 'a.lab.yaml', line: 3, column: 5 };
    expect(await window.call('refuse', {})).toEqual({ id: 7, ok: false, error });
    window.close();
  });

  test('answers even when the bench fails', async () => {
    const window = await Window.open(door.port, { Cookie: cookie });
    const error = { code: 'internal', message: 'The bench failed: out of order' };
    expect(await window.call('throw', {})).toEqual({ id: 7, ok: false, error });
    window.close();
  });

  test('tells every window what happens, and forgets windows that closed', async () => {
    const windows = [
      await Window.open(door.port, { Cookie: cookie }),
      await Window.open(door.port, { Cookie: cookie }),
    ];
    // The answer shows that the server has set this window up.
    for (const window of windows) await window.call('state', {});
    const event = { type: 'progress', steps: 5, fn: 'free_area_init' } as const;
    bench.tell(event);
    for (const window of windows) expect(await window.next()).toEqual({ event });
    const forgotten = bench.nextLeave();
    windows[0]?.close();
    await forgotten;
    bench.tell(event);
    expect(await windows[1]?.next()).toEqual({ event });
    windows[1]?.close();
  });
});
