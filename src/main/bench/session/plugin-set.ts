import { join } from 'node:path';
import {
  PluginCatalogue,
  readShipped,
  type Present,
  type PluginSources,
} from '../plugins/catalogue.ts';
import { PluginHost } from '../../plugins/host.ts';

/** What of plugins is the same for all of a process: the sandbox, and what ships, by folder. */
interface Shared {
  readonly host: Promise<PluginHost>;
  readonly shipped: Map<string, Present>;
}

const shared: { made?: Shared } = {};

function ofProcess(): Shared {
  shared.made ??= { host: PluginHost.create(), shipped: new Map() };
  return shared.made;
}

/** The sandboxes of this process: a model's code runs in a machine of its own for each device of each run. */
export function pluginHost(): Promise<PluginHost> {
  return ofProcess().host;
}

/**
 * The hardware models of the program, and of what else was named, trusted or installed. Those that
 * ship are read once in a process.
 *
 * @param from a string is the program's folder, whose own plugins are enough
 */
export async function pluginSet(from: string | PluginSources): Promise<PluginCatalogue> {
  const sources = typeof from === 'string' ? { root: from } : from;
  if (sources.fresh) {
    return new PluginCatalogue(await PluginHost.create({ fresh: true }), sources);
  }
  const host = await pluginHost();
  const folder = join(sources.root, 'plugins');
  const { shipped } = ofProcess();
  const known = shipped.get(folder) ?? readShipped(host, folder);
  shipped.set(folder, known);
  return new PluginCatalogue(host, sources, known);
}
