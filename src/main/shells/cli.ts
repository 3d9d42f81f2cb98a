/** `npm run -s lab -- VERB ...`: the bench without a window. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { runCommand } from './cli/dispatch.ts';
import { dataFolder } from './data-folder.ts';

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
  const answer = await Promise.race([lines.question(`${question} [y/N] `), ended]);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}

process.exitCode = await runCommand(process.argv.slice(2), {
  folder: process.cwd(),
  root: resolve(import.meta.dirname, '..', '..', '..'),
  data: dataFolder(process.env, process.platform, homedir()),
  ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
  print: (text) => process.stdout.write(text),
  say: (line) => process.stderr.write(`${line}\n`),
});
