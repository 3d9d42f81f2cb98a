/** The thread in which a command line does its work. Started by `supervise`; see there. */
import { parentPort, workerData } from 'node:worker_threads';
import { runCommand } from './dispatch.ts';
import type { CommandData, CommandReply } from './supervise.ts';

/** Characters that may wait to be written. */
const AHEAD = 16 * 1024 * 1024;

const port = parentPort;
if (!port) throw new Error('a command line runs as a worker thread');
const { argv, folder, root, data, written, asks } = workerData as CommandData;

const say = (reply: CommandReply): void => port.postMessage(reply);
let sent = 0;

function write(type: 'print' | 'say', text: string): void {
  sent = (sent + text.length) | 0;
  say({ type, text });
  for (;;) {
    const now = Atomics.load(written, 0);
    // Both wrap around at 2^32, and so does their difference.
    if (((sent - now) | 0) <= AHEAD) return;
    Atomics.wait(written, 0, now);
  }
}

/** One question at a time: a verb waits for its answer. */
async function ask(question: string): Promise<boolean> {
  say({ type: 'ask', text: question });
  const answer = await new Promise((resolve) => port?.once('message', resolve));
  return answer === true;
}

const code = await runCommand(argv, {
  folder,
  root,
  data,
  ask: asks ? ask : undefined,
  print: (text) => write('print', text),
  say: (text) => write('say', text),
});
say({ type: 'code', code });
