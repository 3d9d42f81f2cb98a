import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { checkPlugin, listPlugins, type PluginReport } from '../../bench/batch/plugins.ts';
import type { ExitCode, Terminal, Verb } from './verb.ts';

export const pluginVerb: Verb = {
  name: 'plugin',
  operands: 'check FOLDER | list [FOLDER...]',
  count: [1, 64],
  summary: 'Check a hardware-model plugin, or list those there are',
  options: {},
  notes: [
    'check FOLDER      read the manifest, load the module in the sandbox, say what is wrong',
    'list [FOLDER...]  the plugins that ship, and those in other folders of plugins',
  ].join('\n'),
  async run(given, terminal) {
    const [what = '', ...folders] = given.operands;
    if (what === 'list') return list(folders, terminal);
    if (what !== 'check') {
      terminal.say(`pfnlab: plugin: there is no "plugin ${what}"; there are check and list`);
      return 2;
    }
    const [folder] = folders;
    if (folder === undefined || folders.length > 1) {
      terminal.say('pfnlab: plugin check: it takes one FOLDER, the one the manifest is in');
      return 2;
    }
    if (missing(folder, terminal)) return 2;
    return tell(await checkPlugin(resolve(terminal.folder, folder)), terminal);
  },
};

async function list(folders: readonly string[], terminal: Terminal): Promise<ExitCode> {
  if (folders.some((folder) => missing(folder, terminal))) return 2;
  const all = folders.map((folder) => resolve(terminal.folder, folder));
  return tell(await listPlugins(terminal.root, all), terminal);
}

function missing(folder: string, terminal: Terminal): boolean {
  if (existsSync(resolve(terminal.folder, folder))) return false;
  terminal.say(`${folder}: there is no such folder`);
  return true;
}

function tell({ plugins, problems }: PluginReport, terminal: Terminal): ExitCode {
  for (const { id, version, title, licence, models, folder, sha256 } of plugins) {
    const where = relative(terminal.folder, folder) || '.';
    terminal.print(
      `${id} ${version}: ${title} (${licence})\n  models  ${models.join(', ')}\n` +
        `  folder  ${where}\n  sha256  ${sha256}\n`,
    );
  }
  for (const problem of problems) terminal.say(problem);
  return problems.length > 0 ? 2 : 0;
}
