import { ref, type Ref } from 'vue';
import type { BenchApi, BenchEvent } from '../../shared/bench/commands.ts';
import type { BenchError } from '../../shared/bench/command.ts';
import type { PreloadBench } from '../../shared/bench/preload.ts';

declare global {
  interface Window {
    /** The bench as the Electron preload offers it; absent in a browser. */
    readonly pfnlab?: PreloadBench;
  }
}

/** A refusal of the bench: its code and place beside the sentence. */
export class BenchFailure extends Error {
  readonly detail: BenchError;
  constructor(detail: BenchError) {
    super(detail.message);
    this.detail = detail;
  }
}

export type DoorStatus = 'connecting' | 'open' | 'lost';

export interface Door {
  readonly api: BenchApi;
  /** Whether the bench can be reached; Electron's always can. */
  readonly status: Ref<DoorStatus>;
}

/** What the web door's socket carries to the window. */
type Incoming =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: BenchError }
  | { readonly event: BenchEvent };

interface Asked {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8000;

/** The door this window has: the preload's in Electron, a WebSocket to the local server else. */
export function openDoor(): Door {
  if (window.pfnlab) return openPreload(window.pfnlab);
  return openSocket(`ws://${location.host}/bench`, (address) => new WebSocket(address));
}

/** Where a file lies on this machine; '' where the window may not know, as in a browser. */
export function pathOnDisk(file: File): string {
  return window.pfnlab?.pathOf(file) ?? '';
}

/** The bench in the same program: always there. */
export function openPreload(bench: Pick<PreloadBench, 'call' | 'listen'>): Door {
  const api: BenchApi = {
    call: async (command, input) => {
      const result = await bench.call(command, input);
      if (!result.ok) throw new BenchFailure(result.error);
      return result.value as never;
    },
    listen: (listener) => bench.listen(listener),
  };
  return { api, status: ref('open') };
}

/**
 * The bench over a WebSocket. What is asked before the socket opens waits for it; what is
 * unanswered when it closes fails. A lost socket is tried again, and the state asked anew.
 */
export function openSocket(address: string, connect: (address: string) => WebSocket): Door {
  const status: Ref<DoorStatus> = ref('connecting');
  const listeners = new Set<(event: BenchEvent) => void>();
  const asked = new Map<number, Asked>();
  let waiting: string[] = [];
  let nextId = 1;
  let retryMs = FIRST_RETRY_MS;
  let socket = join();

  function join(): WebSocket {
    const joined = connect(address);
    joined.addEventListener('open', () => {
      const again = status.value === 'lost';
      status.value = 'open';
      retryMs = FIRST_RETRY_MS;
      for (const message of waiting) joined.send(message);
      waiting = [];
      if (again) void api.call('state', {}).then((state) => tell({ type: 'state', state }));
    });
    joined.addEventListener('message', (event) => receive(JSON.parse(String(event.data))));
    joined.addEventListener('close', () => {
      status.value = 'lost';
      waiting = [];
      for (const { reject } of asked.values())
        reject(new Error('The connection to the bench was lost before it answered.'));
      asked.clear();
      setTimeout(() => (socket = join()), retryMs);
      retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
    });
    return joined;
  }

  function tell(event: BenchEvent): void {
    for (const listener of listeners) listener(event);
  }

  function receive(message: Incoming): void {
    if ('event' in message) return tell(message.event);
    const question = asked.get(message.id);
    asked.delete(message.id);
    if (!question) return;
    if (message.ok) question.resolve(message.value as never);
    else question.reject(new BenchFailure(message.error));
  }

  const api: BenchApi = {
    call: (command, input) =>
      new Promise((resolve, reject) => {
        const id = nextId;
        nextId += 1;
        asked.set(id, { resolve, reject });
        const message = JSON.stringify({ id, command, input });
        if (socket.readyState === WebSocket.OPEN) socket.send(message);
        else waiting.push(message);
      }),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return { api, status };
}
