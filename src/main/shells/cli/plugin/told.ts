import { relative } from 'node:path';
import type { PluginDescription, PluginView } from '../../../../shared/bench/plugins.ts';
import type { PluginReport } from '../../../bench/batch/plugins.ts';
import { columns } from '../help.ts';
import type { ExitCode, Terminal } from '../verb.ts';

/** Prints plugins, and says what is wrong with others. */
export function told({ plugins, problems }: PluginReport, terminal: Terminal): ExitCode {
  for (const plugin of plugins) terminal.print(viewText(plugin, terminal));
  for (const problem of problems) terminal.say(problem);
  return problems.length > 0 ? 2 : 0;
}

/** One plugin in a few lines. */
export function viewText(view: PluginView, terminal: Terminal): string {
  const { id, version, title, author, licence, models, path, sha256, place, trusted } = view;
  const by = author === '' ? '' : `, ${author}`;
  const state = trusted ? place : `${place}, not trusted`;
  return [
    `${id} ${version}: ${title} (${licence}${by})`,
    `  models  ${models.map((model) => model.id).join(', ')}`,
    `  place   ${relative(terminal.folder, path) || '.'} (${state})`,
    `  sha256  ${sha256}`,
    '',
  ].join('\n');
}

/** Everything a plugin declares and asks for: what is looked at before it is trusted. */
export function descriptionText(plugin: PluginDescription, terminal: Terminal): string {
  const { models, services, modules } = plugin;
  return [
    viewText(plugin, terminal).trimEnd(),
    ...models.flatMap(({ id, title, registers, regions, actions, callbacks }) => [
      `  model ${id}: ${title}`,
      ...columns([
        ['  regions', regions.map((one) => `${one.id} (${one.kind})`).join(', ') || 'none'],
        ['  registers', registers.map((one) => `${one.id} (${one.type})`).join(', ') || 'none'],
        ['  actions', actions.map((one) => one.id).join(', ') || 'none'],
        ['  callbacks', callbacks.join(', ') || 'none'],
      ]),
    ]),
    `  asks the kernel for  ${services.map(({ name }) => name).join(', ') || 'nothing'}`,
    `  modules  ${modules.map(({ path, bytes }) => `${path} (${bytes} bytes)`).join(', ')}`,
    '',
  ].join('\n');
}
