import { checkPlugin } from '../../../bench/batch/plugins.ts';
import { resolve } from 'node:path';
import type { Verb } from '../verb.ts';
import { told } from './told.ts';

export const checkVerb: Verb = {
  name: 'plugin check',
  operands: 'PLUGIN',
  count: [1, 1],
  summary: 'Read a plugin, load its models in the sandbox, and say everything that is wrong',
  options: {},
  notes: 'PLUGIN is the folder the manifest is in, or a packed plugin (.tgz).',
  async run({ operands: [path = ''] }, terminal) {
    return told(await checkPlugin(resolve(terminal.folder, path), path), terminal);
  },
};
