// typecheck.mjs [WORLD...]: type-checks each world of the repository against what it may see.
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { runStages } from './stages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** One tsconfig.<world>.json each. */
export const WORLDS = ['engine', 'main', 'preload', 'renderer', 'plugins', 'sandbox', 'tests'];

/**
 * What was found is kept in .cache: the next time only files that changed, and what they reach, are
 * checked again.
 *
 * @param {string} world
 * @returns {import('./stages.mjs').Stage}
 */
export function typecheckStage(world) {
  const checker = join(root, 'node_modules', 'vue-tsc', 'bin', 'vue-tsc.js');
  const kept = join(root, '.cache', 'types', `${world}.tsbuildinfo`);
  const incremental = ['--incremental', '--tsBuildInfoFile', kept];
  const project = join(root, `tsconfig.${world}.json`);
  return {
    name: `type-check ${world}`,
    command: [process.execPath, checker, '--noEmit', '-p', project, ...incremental],
  };
}

if (import.meta.main) {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((world) => !WORLDS.includes(world));
  if (unknown.length > 0) {
    process.stderr.write(
      `pfnlab: no world ${unknown.join(', ')}; there are ${WORLDS.join(', ')}\n`,
    );
    process.exit(2);
  }
  const stages = (asked.length > 0 ? asked : WORLDS).map(typecheckStage);
  const results = await runStages(root, stages);
  process.exitCode = results.every((result) => result.ok) ? 0 : 1;
}
