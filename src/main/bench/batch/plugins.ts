import { join } from 'node:path';
import { PluginHost } from '../../plugins/host.ts';
import { formatPluginProblem } from '../../plugins/problem.ts';

/** A hardware-model plugin in a few words. */
export interface PluginSummary {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly title: string;
  readonly licence: string;
  readonly folder: string;
  readonly models: readonly string[];
}

export interface PluginReport {
  readonly plugins: readonly PluginSummary[];
  /** `file:line:column: message`. */
  readonly problems: readonly string[];
}

/** The plugins that ship, and those in other folders of plugins. */
export async function listPlugins(root: string, others: readonly string[]): Promise<PluginReport> {
  const host = await PluginHost.create();
  const { plugins, problems } = host.discover([join(root, 'plugins'), ...others]);
  return { plugins: plugins.map(summaryOf), problems: problems.map(formatPluginProblem) };
}

/** One plugin's folder, checked and tried in the sandbox. */
export async function checkPlugin(folder: string): Promise<PluginReport> {
  const host = await PluginHost.create();
  const result = host.load(folder);
  if (!result.ok) return { plugins: [], problems: result.problems.map(formatPluginProblem) };
  return { plugins: [summaryOf(result.plugin)], problems: [] };
}

type LoadedPlugin = ReturnType<PluginHost['discover']>['plugins'][number];

function summaryOf({ origin, title, folder, manifest, models }: LoadedPlugin): PluginSummary {
  return {
    ...origin,
    title,
    licence: manifest.licence,
    folder,
    models: models.map(({ id }) => id),
  };
}
