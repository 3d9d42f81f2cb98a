import { join, resolve } from 'node:path';
import type { HardwareModel } from '../engine/kernel/device/model.ts';
import { MANIFEST_NAME, pluginFolders } from './folders.ts';
import { loadPlugin, type LoadResult, type Plugin } from './load.ts';
import type { PluginProblem } from './problem.ts';
import { Sandbox } from './sandbox.ts';

/** Plugins found in some folders: those that load, and what is wrong with the others. */
export interface PluginSet {
  readonly plugins: readonly Plugin[];
  /** Models of all plugins by id; of two with one id the first folder's counts. */
  readonly models: ReadonlyMap<string, HardwareModel>;
  readonly problems: readonly PluginProblem[];
}

/** Loads plugins into sandboxes. One host serves a whole process. */
export class PluginHost {
  private readonly sandbox: Sandbox;

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  static async create(): Promise<PluginHost> {
    return new PluginHost(await Sandbox.create());
  }

  /** Checks and loads the plugin in one folder. */
  load(folder: string): LoadResult {
    return loadPlugin(resolve(folder), this.sandbox);
  }

  /** Loads every plugin in the given folders of plugins, in this order; missing folders are empty. */
  discover(folders: readonly string[]): PluginSet {
    const plugins: Plugin[] = [];
    const problems: PluginProblem[] = [];
    const models = new Map<string, HardwareModel>();
    for (const folder of pluginFolders(folders)) {
      const result = this.load(folder);
      if (!result.ok) {
        problems.push(...result.problems);
        continue;
      }
      const { plugin } = result;
      const manifest = join(folder, MANIFEST_NAME);
      const earlier = plugins.find((other) => other.origin.id === plugin.origin.id);
      if (earlier) {
        const message = `plugin ${plugin.origin.id} is already loaded from ${earlier.folder}`;
        problems.push({ file: manifest, line: 1, column: 1, code: 'value', message });
        continue;
      }
      plugins.push(plugin);
      for (const model of plugin.models) {
        const other = models.get(model.id);
        if (!other) models.set(model.id, model);
        else {
          const message = `model ${model.id} is already that of ${other.origin.id}`;
          problems.push({ file: manifest, line: 1, column: 1, code: 'value', message });
        }
      }
    }
    return { plugins, models, problems };
  }
}
