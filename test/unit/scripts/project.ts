import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The project folder these tests run in. */
export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** A folder of its own for the running test, deleted after it. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pfnlab-scripts-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files (path -> content) below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** A project with this one's scripts and installed packages, and the sources a test gives it. */
export function temporaryProject(sources: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  const copied = ['package.json', 'package-lock.json', 'electron.vite.config.ts', 'scripts'];
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFiles(folder, sources);
  return folder;
}
