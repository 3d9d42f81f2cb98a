import { spawnSync } from 'node:child_process';
import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildIsStale } from '../../../scripts/build.mjs';
import { temporaryProject, writeFiles } from './project.ts';

const WORKER = `import { parentPort } from 'node:worker_threads';
import { greeting } from '../../shared/greeting.ts';
parentPort?.postMessage(greeting);
`;

const SOURCES = {
  'tsconfig.base.json': '{}',
  'src/shared/greeting.ts': `export const greeting: string = 'hello';\n`,
  'src/main/shells/electron.ts': `import '../../shared/greeting.ts';\n`,
  'src/main/bench/engine-worker.ts': WORKER,
  'src/main/sessions/recorder-worker.ts': WORKER,
  'src/preload/index.ts': `import { greeting } from '../shared/greeting.ts';\nconsole.log(greeting);\n`,
  'src/renderer/index.html': '<!doctype html><script type="module" src="./main.ts"></script>\n',
  'src/renderer/main.ts': `document.title = 'pfnlab';\n`,
};

/** Runs the project's build and keeps its output to itself; returns the exit code. */
function build(project: string): number | null {
  return spawnSync(process.execPath, [join(project, 'scripts', 'build.mjs')]).status;
}

describe('build', () => {
  it('is stale until the sources on disk are the ones that were built', () => {
    const project = temporaryProject(SOURCES);
    expect(buildIsStale(project)).toBe(true);
    expect(build(project)).toBe(0);
    expect(buildIsStale(project)).toBe(false);

    const renderer = join(project, 'src/renderer/main.ts');
    utimesSync(renderer, new Date(), new Date());
    expect(buildIsStale(project)).toBe(false);

    writeFiles(project, { 'src/renderer/main.ts': `document.title = 'changed';\n` });
    expect(buildIsStale(project)).toBe(true);
    expect(buildIsStale(project, ['main', 'shared'])).toBe(false);
  });

  it('puts the workers beside the main process, and the preload into one CommonJS file', () => {
    const project = temporaryProject(SOURCES);
    expect(build(project)).toBe(0);
    const built = ['main/index.js', 'main/engine-worker.js', 'main/recorder-worker.js'];
    for (const path of [...built, 'preload/index.cjs', 'renderer/index.html']) {
      expect(existsSync(join(project, 'out', path)), path).toBe(true);
    }
    expect(existsSync(join(project, 'out/main/chunks'))).toBe(false);
  });

  it('stays stale after a build that failed', () => {
    const project = temporaryProject({ ...SOURCES, 'src/renderer/main.ts': `import './gone.ts';` });
    expect(build(project)).not.toBe(0);
    expect(buildIsStale(project)).toBe(true);
  });
});
