/** `npm run -s lab -- VERB ...`: the bench without a window. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { supervise } from './cli/supervise.ts';
import { dataFolder } from './data-folder.ts';
import { askYesNo, endWithReader, outputTo } from './output.ts';

endWithReader(process);
const ask = (question: string): Promise<boolean> => askYesNo(process, question);

process.exitCode = await supervise(
  {
    argv: process.argv.slice(2),
    folder: process.cwd(),
    root: resolve(import.meta.dirname, '..', '..', '..'),
    data: dataFolder(process.env, process.platform, homedir()),
  },
  { ...outputTo(process), ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined },
);
