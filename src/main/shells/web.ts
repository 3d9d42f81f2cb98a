/** `npm start` where Electron cannot run: the same window as a page of this machine. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BenchState } from '../../shared/bench/state.ts';
import { openBench } from '../bench/bench.ts';
import { dataFolder } from './data-folder.ts';
import { outputTo } from './output.ts';
import { openWebDoor, type WebDoor } from './web-server.ts';
import { readWebOptions, WEB_HELP } from './web-options.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const output = outputTo(process);

async function main(argv: readonly string[]): Promise<number> {
  const options = readWebOptions(argv, process.cwd());
  if ('problem' in options) return refuse(options.problem);
  if (options.help) {
    output.print(WEB_HELP);
    return 0;
  }
  const folder = join(root, 'out', 'renderer');
  if (!existsSync(join(folder, 'index.html'))) {
    return refuse('the window is not built; "npm start" and "npm run build" build it');
  }
  const data = dataFolder(process.env, process.platform, homedir());
  const bench = await openBench({
    ...{ door: 'web', folder: data, root },
    ...{ plugins: options.plugins, withoutPlugins: options.withoutPlugins },
  });
  let door: WebDoor;
  try {
    door = await openWebDoor({ bench, folder, port: options.port });
  } catch (error) {
    await bench.close();
    return refuse(portProblem(options.port, error));
  }
  const state = await bench.call('state', {});
  if (state.ok) {
    const problem = (state.value as BenchState).library_problem;
    if (problem !== undefined) say(problem);
  }
  const announce = (): void => {
    output.print(`pfnlab is at ${door.issueAddress()}\n`);
  };
  announce();
  say('the address opens once, in one browser; Ctrl-C ends pfnlab');
  // Windows has no such signal, and Node refuses to listen for it there.
  if (process.platform !== 'win32') process.on('SIGUSR2', announce);
  await asked();
  await door.close();
  await bench.close();
  return 0;
}

/** Resolves when somebody wants it to end; whoever asks twice does not wait. */
function asked(): Promise<void> {
  return new Promise((ended) => {
    let times = 0;
    const end = (): void => {
      times += 1;
      if (times > 1) process.exit(1);
      ended();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  });
}

function portProblem(port: number, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const wayOut = 'open another with "npm start -- --port N"; --port 0 takes a free one';
  if (code === 'EADDRINUSE') {
    return `port ${port} is in use, perhaps by another pfnlab; ${wayOut}`;
  }
  if (code === 'EACCES') return `port ${port} may not be used by this user; ${wayOut}`;
  return `port ${port} cannot be opened (${code ?? String(error)}); ${wayOut}`;
}

function refuse(problem: string): number {
  say(problem);
  return 2;
}

function say(sentence: string): void {
  output.say(`pfnlab: ${sentence}`);
}

// Not process.exitCode alone: a worker or timer left behind must not keep a closed bench alive.
process.exit(await main(process.argv.slice(2)));
