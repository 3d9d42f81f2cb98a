import { resolve } from 'node:path';
import { installPlugin, removePlugin, trustPlugin } from '../../../bench/batch/plugins.ts';
import { sourcesOf } from '../sources.ts';
import type { Verb } from '../verb.ts';
import { descriptionText } from './told.ts';

export const installVerb: Verb = {
  name: 'plugin install',
  operands: 'PLUGIN',
  count: [1, 1],
  summary: 'Keep a copy of a plugin among those of the user; its code runs once it is trusted',
  options: {},
  notes: [
    'PLUGIN is a folder or a packed plugin (.tgz). It is shown first; --trust trusts it too, and where',
    'somebody sits at the terminal the question is asked. Versions are kept side by side, by hash.',
  ].join('\n'),
  async run(given, terminal) {
    const [path = ''] = given.operands;
    const sources = sourcesOf(given, terminal);
    const installed = await installPlugin(sources, resolve(terminal.folder, path), path);
    if (!installed.ok) {
      for (const problem of installed.problems) terminal.say(problem);
      return 2;
    }
    const plugin = installed.value;
    terminal.print(descriptionText(plugin, terminal));
    if (plugin.trusted) return 0;
    const agreed =
      given.switches.has('trust') ||
      ((await terminal.ask?.(`Trust ${plugin.id} ${plugin.version}, so that its code may run?`)) ??
        false);
    if (agreed) {
      const trusted = await trustPlugin(sources, plugin.sha256);
      if (!trusted.ok) for (const problem of trusted.problems) terminal.say(problem);
      if (!trusted.ok) return 2;
      terminal.say('installed and trusted: its code may run');
    } else {
      const short = plugin.sha256.slice(0, 12);
      terminal.say(`installed, not trusted: "lab plugin trust ${short}" lets its code run`);
    }
    return 0;
  },
};

export const trustVerb: Verb = {
  name: 'plugin trust',
  operands: 'PLUGIN',
  count: [1, 1],
  summary: 'Show an installed plugin and let its code run from now on',
  options: { revoke: { text: 'trust it no more' } },
  notes:
    'PLUGIN is the beginning of its hash, at least 8 digits, or its id where there is one of it.',
  async run(given, terminal) {
    const [which = ''] = given.operands;
    const trusted = await trustPlugin(
      sourcesOf(given, terminal),
      which,
      !given.switches.has('revoke'),
    );
    if (!trusted.ok) {
      for (const problem of trusted.problems) terminal.say(problem);
      return 2;
    }
    terminal.print(descriptionText(trusted.value, terminal));
    return 0;
  },
};

export const removeVerb: Verb = {
  name: 'plugin remove',
  operands: 'PLUGIN',
  count: [1, 1],
  summary: 'Remove an installed plugin, and the trust in it',
  options: {},
  notes: trustVerb.notes ?? '',
  async run(given, terminal) {
    const removed = await removePlugin(sourcesOf(given, terminal), given.operands[0] ?? '');
    if (!removed.ok) {
      for (const problem of removed.problems) terminal.say(problem);
      return 2;
    }
    const { id, version, sha256 } = removed.value;
    terminal.say(`removed ${id} ${version} (sha256 ${sha256.slice(0, 12)})`);
    return 0;
  },
};
