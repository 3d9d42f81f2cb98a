import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, temporaryProject } from './project.ts';

const PROGRAM = `
const facts: object = { cwd: process.cwd(), args: process.argv.slice(2), node: process.version };
console.log(JSON.stringify(facts));
process.exitCode = 7;
`;

function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  return spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: undefined, ...env },
  });
}

describe('with-node24', () => {
  it("gives `npm run -s lab` the caller's folder, arguments and exit code, and a clean stdout", () => {
    const project = temporaryProject({ 'src/main/shells/cli.ts': PROGRAM });
    const caller = join(project, 'a folder', 'deep');
    mkdirSync(caller, { recursive: true });
    const result = run('npm', ['run', '-s', 'lab', '--', 'import', '--flag', 'a b'], caller);
    expect(JSON.parse(result.stdout)).toMatchObject({
      cwd: caller,
      args: ['import', '--flag', 'a b'],
    });
    expect(result.status).toBe(7);
  });

  it('runs a program on the Node of the lock file', () => {
    const project = temporaryProject({ 'program.ts': PROGRAM });
    const launcher = join(project, 'scripts', 'with-node24.mjs');
    const result = run(process.execPath, [launcher, 'program.ts'], root);
    const pinned = run(join(root, 'node_modules', '.bin', 'node'), ['--version'], root);
    expect(JSON.parse(result.stdout).node).toBe(pinned.stdout.trim());
    expect(result.stderr).toBe('');
  });

  it('runs a program in the project folder unless told otherwise', () => {
    const project = temporaryProject({ 'program.ts': PROGRAM });
    const launcher = join(project, 'scripts', 'with-node24.mjs');
    const result = run(process.execPath, [launcher, 'program.ts'], root, { INIT_CWD: root });
    expect(JSON.parse(result.stdout).cwd).toBe(project);
  });

  it('reports a program that a signal ended as a shell would', () => {
    const project = temporaryProject({ 'program.ts': `process.kill(process.pid, 'SIGKILL');` });
    const launcher = join(project, 'scripts', 'with-node24.mjs');
    expect(run(process.execPath, [launcher, 'program.ts'], root).status).toBe(137);
  });

  it('ends with 2 and one sentence when no program is named', () => {
    const result = run(process.execPath, [join(root, 'scripts', 'with-node24.mjs')], root);
    expect(result.status).toBe(2);
    expect(result.stderr).toMatch(/^pfnlab: usage: .*\n$/);
    expect(result.stdout).toBe('');
  });
});
