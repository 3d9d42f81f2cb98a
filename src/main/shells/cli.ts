/** `npm run -s lab -- VERB ...`: the bench without a window. */
import { resolve } from 'node:path';
import { runCommand } from './cli/dispatch.ts';

// A reader that has seen enough (`| head`) ends the program as it would end any other.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 2);
  });
}

process.exitCode = await runCommand(process.argv.slice(2), {
  folder: process.cwd(),
  root: resolve(import.meta.dirname, '..', '..', '..'),
  print: (text) => process.stdout.write(text),
  say: (line) => process.stderr.write(`${line}\n`),
});
