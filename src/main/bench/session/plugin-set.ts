import { join } from 'node:path';
import { PluginHost, type PluginSet } from '../../plugins/host.ts';

const shipped = new Map<string, Promise<PluginSet>>();

/**
 * The hardware models of the program and of other folders of plugins. Those that ship are loaded
 * once in a process: a model's code runs in a machine of its own for each device of each run, so
 * runs share nothing but its text.
 *
 * @param root the program's folder, with its `plugins/`
 */
export function pluginSet(root: string, others: readonly string[] = []): Promise<PluginSet> {
  const folders = [join(root, 'plugins'), ...others];
  if (others.length > 0) return load(folders);
  const loaded = shipped.get(root) ?? load(folders);
  shipped.set(root, loaded);
  return loaded;
}

async function load(folders: readonly string[]): Promise<PluginSet> {
  const host = await PluginHost.create();
  return host.discover(folders);
}
