import { request, type IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request as it stands: no redirects followed, no path folded, any Host. */
export function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Exchanges the address for its cookie, as a browser does. */
export async function enter(address: string): Promise<string> {
  const url = new URL(address);
  const answer = await ask(Number(url.port), `${url.pathname}${url.search}`);
  const [cookie] = answer.headers['set-cookie'] ?? [];
  if (!cookie) throw new Error(`no cookie for ${address}: ${answer.status} ${answer.body}`);
  return cookie.split(';')[0] as string;
}

/** A window's socket with its messages in order. */
export class Window {
  readonly socket: WebSocket;
  private readonly messages: unknown[] = [];
  private readonly readers: ((message: unknown) => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const message: unknown = JSON.parse(String(data));
      const reader = this.readers.shift();
      if (reader) reader(message);
      else this.messages.push(message);
    });
  }

  static open(port: number, headers: Record<string, string>, path = '/bench'): Promise<Window> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      headers: { Origin: `http://127.0.0.1:${port}`, ...headers },
    });
    const window = new Window(socket);
    return new Promise((resolve, reject) => {
      socket.on('open', () => resolve(window));
      socket.on('error', reject);
    });
  }

  send(message: string): void {
    this.socket.send(message);
  }

  next(): Promise<unknown> {
    if (this.messages.length > 0) return Promise.resolve(this.messages.shift());
    return new Promise((resolve) => this.readers.push(resolve));
  }

  /** Asks and takes the answer, passing over events. */
  async call(command: string, input: unknown): Promise<unknown> {
    this.send(JSON.stringify({ id: 7, command, input }));
    for (;;) {
      const message = (await this.next()) as { id?: number };
      if (message.id === 7) return message;
    }
  }

  closed(): Promise<number> {
    return new Promise((resolve) => this.socket.on('close', (code) => resolve(code)));
  }

  close(): void {
    this.socket.terminate();
  }
}
