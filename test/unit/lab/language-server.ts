import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(
  new URL('../../../node_modules/yaml-language-server/bin/yaml-language-server', import.meta.url),
);
const SCHEMA = new URL('../../../labs/lab.schema.json', import.meta.url).href;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly uri?: string; readonly diagnostics?: readonly Diagnostic[] };
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

/** A text with the cursor at `|`. */
function atCursor(text: string) {
  const before = text.slice(0, text.indexOf('|')).split('\n');
  const position = { line: before.length, character: before.at(-1)?.length ?? 0 };
  return { text: text.replace('|', ''), position };
}

/** The YAML language server of editors, in a process of its own, as an editor talks to it. */
export class LanguageServer {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly answers = new Map<number, (message: Message) => void>();
  private readonly told = new Map<string, (diagnostics: readonly Diagnostic[]) => void>();
  private received = Buffer.alloc(0);
  private requests = 0;
  private documents = 0;

  constructor() {
    this.process = spawn(process.execPath, [SERVER, '--stdio']);
    this.process.stdout.on('data', (chunk: Buffer) => this.read(chunk));
    // Who waits for a server that is gone is told so.
    this.process.on('exit', (code) => {
      const error = { message: `yaml-language-server ended with ${code}` };
      for (const answer of this.answers.values()) answer({ error });
    });
    this.process.stdin.on('error', () => undefined);
  }

  /** Must come first. */
  async start(): Promise<void> {
    const capabilities = {
      textDocument: {
        completion: { completionItem: { documentationFormat: ['markdown'] } },
        hover: { contentFormat: ['markdown'] },
      },
    };
    await this.request('initialize', { processId: process.pid, rootUri: null, capabilities });
    this.send({ method: 'initialized', params: {} });
    const yaml = { validate: true, hover: true, completion: true, schemaStore: { enable: false } };
    this.send({ method: 'workspace/didChangeConfiguration', params: { settings: { yaml } } });
  }

  /** Labels offered at the cursor `|`. */
  async completions(text: string): Promise<string[]> {
    return [...(await this.offers(text)).keys()];
  }

  /** What each label offered at the cursor `|` would write, with tab stops. */
  async offers(text: string): Promise<Map<string, string>> {
    const asked = await this.ask('textDocument/completion', text);
    const { items } = asked as { items: { label: string; insertText: string }[] };
    return new Map(items.map(({ label, insertText }) => [label, insertText]));
  }

  /** What is shown over the word at the cursor `|`, without the escapes of Markdown. */
  async hover(text: string): Promise<string> {
    const shown = (await this.ask('textDocument/hover', text)) as {
      contents: { value: string };
    } | null;
    return (shown?.contents.value ?? '').replace(/\\(?=[!-/:-@[-`{-~])/g, '');
  }

  diagnostics(text: string): Promise<readonly Diagnostic[]> {
    return new Promise((resolve) => this.open(text, resolve));
  }

  stop(): void {
    this.process.kill();
  }

  private ask(method: string, marked: string): Promise<unknown> {
    const { text, position } = atCursor(marked);
    return this.request(method, { textDocument: { uri: this.open(text) }, position });
  }

  private open(text: string, told?: (diagnostics: readonly Diagnostic[]) => void): string {
    const uri = `file:///lab-${(this.documents += 1)}.yaml`;
    if (told) this.told.set(uri, told);
    const whole = `# yaml-language-server: $schema=${SCHEMA}\n${text}`;
    const textDocument = { uri, languageId: 'yaml', version: 1, text: whole };
    this.send({ method: 'textDocument/didOpen', params: { textDocument } });
    return uri;
  }

  private request(method: string, params: object): Promise<unknown> {
    const id = (this.requests += 1);
    return new Promise((resolve, reject) => {
      this.answers.set(id, ({ result, error }) =>
        error ? reject(new Error(error.message)) : resolve(result),
      );
      this.send({ id, method, params });
    });
  }

  private send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.process.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  private read(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    for (;;) {
      const head = this.received.indexOf('\r\n\r\n');
      const length = /Content-Length: (\d+)/.exec(this.received.toString('latin1', 0, head));
      const end = head + 4 + Number(length?.[1]);
      if (head < 0 || this.received.length < end) return;
      const message = JSON.parse(this.received.toString('utf8', head + 4, end)) as Message;
      this.received = this.received.subarray(end);
      this.take(message);
    }
  }

  private take({ id, method, params, ...answer }: Message): void {
    if (method === 'textDocument/publishDiagnostics') {
      this.told.get(params?.uri ?? '')?.(params?.diagnostics ?? []);
    } else if (method !== undefined && id !== undefined) {
      this.send({ id, result: null });
    } else if (id !== undefined) {
      this.answers.get(id)?.(answer);
    }
  }
}
