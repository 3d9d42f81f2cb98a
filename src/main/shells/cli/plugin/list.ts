import { listPlugins } from '../../../bench/batch/plugins.ts';
import { sourcesOf } from '../sources.ts';
import type { Verb } from '../verb.ts';
import { told } from './told.ts';

export const listVerb: Verb = {
  name: 'plugin list',
  operands: '',
  count: [0, 0],
  summary: 'List the plugins that were named, ship and are installed, in the order they are taken',
  options: {},
  async run(given, terminal) {
    return told(await listPlugins(sourcesOf(given, terminal)), terminal);
  },
};
