import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './capture-terminal.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A door as its own process, as a user starts it. */
export class DoorProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  private out = '';
  private err = '';

  constructor(
    shell: 'cli' | 'web',
    argv: readonly string[],
    options: { cwd: string; env?: NodeJS.ProcessEnv },
  ) {
    const file = join(ROOT, 'src', 'main', 'shells', `${shell}.ts`);
    this.child = spawn(process.execPath, [file, ...argv], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk) => (this.out += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.err += String(chunk)));
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        resolve({ code, signal, out: this.out, err: this.err });
      });
    });
  }

  /** Resolves with the first match on stdout; rejects when it ends without. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(this.out);
        if (match) resolve(match);
      };
      this.child.stdout?.on('data', look);
      look();
      void this.ended.then(({ code, err }) => {
        look();
        reject(new Error(`it ended with ${code} before it printed ${pattern}: ${err}`));
      });
    });
  }
}
