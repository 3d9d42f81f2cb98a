import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Door {
  /** Lets one browser in, once. */
  readonly address: string;
  /** Ends the server and waits until it is gone. */
  close(): Promise<void>;
}

/** A folder for the data of one test; `remove` deletes it. */
export function dataFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'pfnlab-data-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * Starts the web door as a program of its own, on a free port, as `npm start` does.
 *
 * @throws with what it printed, when it ends before it printed its address
 */
export async function startWebDoor(data: string): Promise<Door> {
  const child = spawn(
    process.execPath,
    [join(root, 'src', 'main', 'shells', 'web.ts'), '--port', '0'],
    { cwd: root, env: { ...process.env, PFNLAB_DATA: data }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  const address = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      const found = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(said);
      if (found) resolve(found[0]);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('close', () => reject(new Error(`the web door did not open:\n${said}`)));
  });
  return {
    address,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
