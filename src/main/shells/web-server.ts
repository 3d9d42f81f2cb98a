import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { BenchFace } from '../bench/bench.ts';
import { MAX_FRAME_BYTES, serveSocket } from './bench-socket.ts';
import { SECURITY_HEADERS } from './csp.ts';
import { readStaticFile } from './static-files.ts';
import { WebAccess } from './web-access.ts';

/** Only programs of this machine can reach it. */
const LOOPBACK = '127.0.0.1';

export interface WebDoor {
  readonly port: number;
  /** A new address that lets one browser in, once. */
  issueAddress(): string;
  /** Closes every window's socket and the port; the bench stays open. */
  close(): Promise<void>;
}

export interface WebDoorOptions {
  readonly bench: BenchFace;
  /** The built window, out/renderer. */
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** Serves the window and the bench on 127.0.0.1. Rejects with the system's error (EADDRINUSE). */
export async function openWebDoor({ bench, folder, port }: WebDoorOptions): Promise<WebDoor> {
  const server = createServer();
  await listenOn(server, port);
  const access = new WebAccess((server.address() as AddressInfo).port);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
  });
  server.on('request', (request, response) => {
    void serveRequest(access, folder, request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const refusal = refusalOf(access, request, true) ?? socketRefusal(access, request);
    if (refusal) return refuseUpgrade(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (opened) => serveSocket(bench, opened));
  });
  return {
    port: (server.address() as AddressInfo).port,
    issueAddress: () => access.issueAddress(),
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** Why a request is not from our own window; undefined when nothing speaks against it. */
function refusalOf(
  access: WebAccess,
  request: IncomingMessage,
  isSocket: boolean,
): Refusal | undefined {
  if (!access.isOwnHost(request.headers.host)) {
    return { status: 403, message: `This server answers only to ${access.origin}/.` };
  }
  if (!access.isOwnOrigin(request.headers.origin, isSocket)) {
    return { status: 403, message: 'This server answers no other site.' };
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, message: 'This server answers GET and HEAD only.' };
  }
  return undefined;
}

function socketRefusal(access: WebAccess, request: IncomingMessage): Refusal | undefined {
  if (urlOf(request)?.pathname !== '/bench') return { status: 404, message: 'No socket is here.' };
  if (!access.hasCookie(request.headers.cookie)) return { status: 403, message: 'No cookie.' };
  return undefined;
}

async function serveRequest(
  access: WebAccess,
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = refusalOf(access, request, false);
  if (refusal) return plain(response, refusal);
  const url = urlOf(request);
  if (!url) return plain(response, { status: 400, message: 'This is no address.' });
  const reads = request.method === 'GET';
  const token = reads && url.pathname === '/' ? url.searchParams.get('token') : null;
  const known = access.hasCookie(request.headers.cookie);
  if (token !== null) {
    const cookie = access.exchange(token);
    if (cookie) response.setHeader('Set-Cookie', cookie);
    if (cookie || known) {
      response.writeHead(303, { ...SECURITY_HEADERS, Location: '/' }).end();
      return;
    }
  }
  if (!known) return plain(response, { status: 403, message: howToGetIn(access) });
  const file = await readStaticFile(folder, rawPath(request));
  if (!file) return plain(response, { status: 404, message: 'There is no such file.' });
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'Content-Type': file.type,
    'Content-Length': file.body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}

function howToGetIn(access: WebAccess): string {
  return [
    'This address of pfnlab was used already, or belongs to a run that has ended.',
    '',
    `In the browser that used it, ${access.origin}/ still opens the bench while pfnlab runs.`,
    'For another browser, get a new address: stop pfnlab in its terminal with Ctrl-C and type',
    '"npm start" again. Recordings are kept. Without stopping it, on Linux and macOS:',
    `"kill -USR2 ${process.pid}" makes it print a new address in its terminal.`,
    '',
  ].join('\n');
}

function plain(response: ServerResponse, { status, message }: Refusal): void {
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'Content-Type': 'text/plain; charset=utf-8',
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
  });
  response.end(`${message.trimEnd()}\n`);
}

function refuseUpgrade(socket: Duplex, { status, message }: Refusal): void {
  const body = `${message}\n`;
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function urlOf(request: IncomingMessage): URL | null {
  return URL.parse(request.url ?? '', 'http://127.0.0.1');
}

/** The path as it was sent: URL parsing would fold "/../" away before it could be refused. */
function rawPath(request: IncomingMessage): string {
  return (request.url ?? '').split(/[?#]/, 1)[0] ?? '';
}
