import { resolve } from 'node:path';
import { packedPlugin } from '../../../bench/batch/plugins.ts';
import { writeOutput } from '../output-file.ts';
import type { Verb } from '../verb.ts';

export const packVerb: Verb = {
  name: 'plugin pack',
  operands: 'FOLDER',
  count: [1, 1],
  summary: 'Check a plugin and write it as one .tgz file; the same files give the same bytes',
  options: { out: { value: 'FILE', text: 'write there instead of to ID-VERSION.tgz' } },
  notes: 'What begins with a dot, node_modules and .tgz files are left out.',
  async run(given, terminal) {
    const [path = ''] = given.operands;
    const packed = await packedPlugin(resolve(terminal.folder, path), path);
    if (!packed.ok) {
      for (const problem of packed.problems) terminal.say(problem);
      return 2;
    }
    const { bytes, paths, origin } = packed.value;
    const out = given.values.get('out') ?? `${origin.id}-${origin.version}.tgz`;
    if (!writeOutput(out, bytes, terminal)) return 2;
    terminal.say(`${out}: ${paths.length} files, ${bytes.length} bytes, sha256 ${origin.sha256}`);
    return 0;
  },
};
