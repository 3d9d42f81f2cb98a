import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { BenchError, BenchResult } from '../../shared/bench/command.ts';
import type { BenchEvent } from '../../shared/bench/commands.ts';
import type { BenchFace } from '../bench/bench.ts';

/** Largest message a window may send, in bytes: a shared .pfnlab file in base64. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** Most unanswered questions of one window. */
const MAX_PENDING = 1024;
/** A window that does not read gets no more progress reports beyond these unread bytes. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

const question = z.strictObject({
  id: z.number().int().min(0),
  command: z.string().max(200),
  input: z.unknown(),
});

/** Serves the bench to one window until it closes. */
export function serveSocket(bench: BenchFace, socket: WebSocket): void {
  let pending = 0;
  const send = (message: object): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const refuse = (id: number | null, code: string, message: string): void =>
    send({ id, ok: false, error: { code, message } satisfies BenchError });

  const stop = bench.listen((event: BenchEvent) => {
    if (event.type === 'progress' && socket.bufferedAmount > MAX_UNREAD_BYTES) return;
    send({ event });
  });
  socket.on('close', stop);
  // ws closes the socket itself after a protocol error, such as a frame beyond the limit.
  socket.on('error', () => socket.terminate());

  socket.on('message', (data, isBinary) => {
    const asked = isBinary ? undefined : readQuestion(String(data));
    if (!asked) {
      refuse(null, 'frame', 'A message must be JSON text of the form {id, command, input}.');
      return;
    }
    if (pending >= MAX_PENDING) {
      refuse(asked.id, 'busy', `More than ${MAX_PENDING} questions wait for an answer already.`);
      return;
    }
    pending += 1;
    void answer(bench, asked.command, asked.input).then((result) => {
      pending -= 1;
      send({ id: asked.id, ...result });
    });
  });
}

function readQuestion(text: string): z.output<typeof question> | undefined {
  try {
    return question.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Asks the bench; a fault of its own becomes an answer too, so that no window waits forever. */
export async function answer(
  bench: BenchFace,
  command: string,
  input: unknown,
): Promise<BenchResult<unknown>> {
  try {
    return await bench.call(command, input);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, error: { code: 'internal', message: `The bench failed: ${reason}` } };
  }
}
