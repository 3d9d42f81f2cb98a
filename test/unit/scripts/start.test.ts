import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryProject } from './project.ts';

const SOURCES = {
  'tsconfig.base.json': '{}',
  'src/main/shells/electron.ts': '',
  'src/main/bench/engine-worker.ts': '',
  'src/main/sessions/recorder-worker.ts': '',
  'src/preload/index.ts': '',
  'src/renderer/index.html': '<!doctype html><title>pfnlab</title>\n',
  'src/main/shells/web.ts': `const facts: object = { cwd: process.cwd(), args: process.argv.slice(2) };
console.log(JSON.stringify(facts));
process.exitCode = 3;
`,
};

describe('npm start', () => {
  it("builds the window, says why it opens the web door, and hands it the caller's options", () => {
    const project = temporaryProject(SOURCES);
    const caller = join(project, 'labs');
    mkdirSync(caller);
    const start = () =>
      spawnSync('npm', ['start', '-s', '--', '--web', '--port', '0', 'a b.lab.yaml'], {
        cwd: caller,
        encoding: 'utf8',
      });
    const first = start();
    expect(first.stderr).toContain('pfnlab: building the window\n');
    expect(first.stderr).toContain(
      'pfnlab: opening as a local web page instead of in Electron: asked for with --web\n',
    );
    expect(JSON.parse(first.stdout)).toEqual({
      cwd: caller,
      args: ['--port', '0', 'a b.lab.yaml'],
    });
    expect(first.status).toBe(3);
    expect(start().stderr).not.toContain('building');
  });

  it('opens nothing when the build fails', () => {
    const project = temporaryProject({
      ...SOURCES,
      'src/renderer/index.html': '<script type="module" src="./gone.ts"></script>\n',
    });
    const result = spawnSync('npm', ['start', '-s', '--', '--web'], {
      cwd: project,
      encoding: 'utf8',
    });
    expect(result.stderr).toContain('pfnlab: the build failed (see above).\n');
    expect(result.stdout).toBe('');
    expect(result.status).not.toBe(0);
  });
});
