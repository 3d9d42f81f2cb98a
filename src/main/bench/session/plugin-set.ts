import { PluginCatalogue, type PluginSources } from '../plugins/catalogue.ts';

const shipped = new Map<string, Promise<PluginCatalogue>>();

/**
 * The hardware models of the program, and of what else was named. The program's own are read once
 * in a process: a model's code runs in a machine of its own for each device of each run, so runs
 * share nothing but its text.
 */
export function pluginSet(from: string | PluginSources): Promise<PluginCatalogue> {
  if (typeof from !== 'string') return PluginCatalogue.open(from);
  const loaded = shipped.get(from) ?? PluginCatalogue.open({ root: from });
  shipped.set(from, loaded);
  return loaded;
}
