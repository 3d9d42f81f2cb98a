// npm run test:long [-- FILTER...]: the property and hostile tests with many more runs. Those tests
// read PFNLAB_LONG to choose their number of runs.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runOnTerminal } from './node24.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const asked = process.argv.slice(2);
const filters = asked.length > 0 ? asked : ['test/property', 'test/hostile'];
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
process.exitCode = await runOnTerminal(
  process.execPath,
  [vitest, 'run', '--project', 'unit', '--testTimeout=1800000', ...filters],
  { cwd: root, env: { PFNLAB_LONG: '1' } },
);
