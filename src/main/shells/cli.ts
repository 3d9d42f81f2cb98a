/** `npm run -s lab -- VERB ...`: the bench without a window. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { supervise } from './cli/supervise.ts';
import { dataFolder } from './data-folder.ts';
import { outputTo, withoutOrders } from './output.ts';

// A reader that has seen enough (`| head`) ends the program as it would end any other.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 2);
  });
}

/** Anything but yes is no, and so is the end of the input. */
async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const answer = await Promise.race([lines.question(`${withoutOrders(question)} [y/N] `), ended]);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}

process.exitCode = await supervise(
  {
    argv: process.argv.slice(2),
    folder: process.cwd(),
    root: resolve(import.meta.dirname, '..', '..', '..'),
    data: dataFolder(process.env, process.platform, homedir()),
  },
  { ...outputTo(process), ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined },
);
