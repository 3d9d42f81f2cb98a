import { connect } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWebDoor, type WebDoor } from '../../src/main/shells/web-server.ts';
import { EchoBench } from '../unit/shells/echo-bench.ts';
import { ask, enter, Window } from '../unit/shells/web-client.ts';

let base: string;
let door: WebDoor;
let cookie: string;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'pfnlab-hostile-web-'));
  const folder = join(base, 'renderer');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.html'), 'window');
  writeFileSync(join(base, 'outside.json'), 'outside');
  door = await openWebDoor({ bench: new EchoBench(), folder, port: 0 });
  cookie = await enter(door.issueAddress());
});
afterAll(async () => {
  await door.close();
  rmSync(base, { recursive: true, force: true });
});

/** Sends bytes as they are and reads until the server closes. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(door.port, '127.0.0.1', () => socket.end(bytes));
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

const refusedSocket = (headers: Record<string, string>, path?: string) =>
  Window.open(door.port, headers, path).then(
    (window) => {
      window.close();
      return 'opened';
    },
    (error: Error) => error.message,
  );

describe('web door: other sites', () => {
  test.each(['evil.example', `evil.example:${4571}`, '127.0.0.1', '127.0.0.1:1', '[::1]:80'])(
    'a page at host %s gets nothing, cookie or not (DNS rebinding)',
    async (host) => {
      for (const path of ['/', new URL(door.issueAddress()).search.replace('?', '/?')]) {
        const answer = await ask(door.port, path, { Host: host, Cookie: cookie });
        expect(answer.status).toBe(403);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
      expect(await refusedSocket({ Host: host, Cookie: cookie })).toContain('403');
    },
  );

  test.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1'])(
    'a request from origin %s gets nothing',
    async (origin) => {
      const answer = await ask(door.port, '/', { Origin: origin, Cookie: cookie });
      expect(answer.status).toBe(403);
      expect(await refusedSocket({ Origin: origin, Cookie: cookie })).toContain('403');
    },
  );

  test('a socket needs an origin, the cookie and the right path', async () => {
    const own = `127.0.0.1:${door.port}`;
    const answer = await raw(
      `GET /bench HTTP/1.1\r\nHost: ${own}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n` +
        `Cookie: ${cookie}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(await refusedSocket({})).toContain('403');
    expect(await refusedSocket({ Cookie: cookie }, '/other')).toContain('404');
    expect(await refusedSocket({ Cookie: cookie })).toBe('opened');
  });
});

describe('web door: paths and requests', () => {
  test.each([
    '/../outside.json',
    '/%2e%2e/outside.json',
    '/..%2foutside.json',
    '//../outside.json',
    '/..\\outside.json',
    '/index.html/../../outside.json',
    '/etc/passwd',
    '/%00',
    '/%',
  ])('%s is not found', async (path) => {
    const answer = await ask(door.port, path, { Cookie: cookie });
    expect([answer.status, answer.body]).toEqual([404, 'There is no such file.\n']);
  });

  test('a request that is no HTTP is refused, and the server lives on', async () => {
    expect(await raw('\x16\x03\x01 not http\r\n\r\n')).toMatch(/^(HTTP\/1\.1 400 |$)/);
    const own = `127.0.0.1:${door.port}`;
    const bad = await raw(`GET http://[ HTTP/1.1\r\nHost: ${own}\r\nCookie: ${cookie}\r\n\r\n`);
    expect(bad).toMatch(/^HTTP\/1\.1 400 /);
    expect((await ask(door.port, '/', { Cookie: cookie })).body).toBe('window');
  });
});

describe('web door: frames', () => {
  const refusal = {
    id: null,
    ok: false,
    error: {
      code: 'frame',
      message: 'A message must be JSON text of the form {id, command, input}.',
    },
  };

  test.each([
    '',
    '{',
    'null',
    '[]',
    '7',
    '"state"',
    '{"command":"state","input":{}}',
    '{"id":"1","command":"state","input":{}}',
    '{"id":-1,"command":"state","input":{}}',
    '{"id":1.5,"command":"state","input":{}}',
    '{"id":1,"command":["state"],"input":{}}',
    '{"id":1,"command":"state","input":{},"more":1}',
    '['.repeat(100_000),
  ])('a message that is no question gets one answer, and the socket lives on', async (message) => {
    const window = await Window.open(door.port, { Cookie: cookie });
    window.send(message);
    expect(await window.next()).toEqual(refusal);
    expect(await window.call('state', {})).toMatchObject({ ok: true });
    window.close();
  });

  test('a binary message is no question', async () => {
    const window = await Window.open(door.port, { Cookie: cookie });
    window.socket.send(Buffer.from('{"id":1,"command":"state","input":{}}'));
    expect(await window.next()).toEqual(refusal);
    window.close();
  });

  test('a message over 64 MiB closes that window (1009) and no other', async () => {
    const other = await Window.open(door.port, { Cookie: cookie });
    const window = await Window.open(door.port, { Cookie: cookie });
    const closed = window.closed();
    window.socket.send(Buffer.alloc(64 * 1024 * 1024 + 1, 0x20));
    expect(await closed).toBe(1009);
    expect(await other.call('state', {})).toMatchObject({ ok: true });
    other.close();
  });

  test('a message of some MiB, as a shared file is, goes through', async () => {
    const window = await Window.open(door.port, { Cookie: cookie });
    const base64 = 'A'.repeat(8 * 1024 * 1024);
    const answer = (await window.call('sessionOpenShared', { base64 })) as {
      value: { input: { base64: string } };
    };
    expect(answer.value.input.base64.length).toBe(base64.length);
    window.close();
  });
});
