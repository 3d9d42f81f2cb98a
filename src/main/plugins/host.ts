import { resolve } from 'node:path';
import type { HardwareModel } from '../engine/kernel/device/model.ts';
import { readCandidate, type Candidate, type CandidateResult } from './candidate.ts';
import { FolderFiles, type PluginFiles } from './files.ts';
import { MANIFEST_NAME, pluginFolders } from './folders.ts';
import { pluginOf, tryPlugin, type LoadResult, type Plugin } from './load.ts';
import type { PluginProblem } from './problem.ts';
import { Sandbox, type SandboxOptions } from './sandbox.ts';

/** Plugins that can be used together: no two with one id, no two with one model. */
export interface PluginSet {
  readonly plugins: readonly Plugin[];
  /** Models of all plugins by id. */
  readonly models: ReadonlyMap<string, HardwareModel>;
  /** What is wrong with those that cannot be used. */
  readonly problems: readonly PluginProblem[];
}

/** Loads plugins into sandboxes. One host serves a whole process. */
export class PluginHost {
  private readonly sandbox: Sandbox;
  /** Hashes of plugins that were tried and keep what their manifest promises. */
  private readonly tried = new Set<string>();

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  static async create(options: SandboxOptions = {}): Promise<PluginHost> {
    return new PluginHost(await Sandbox.create(options));
  }

  /** Reads and checks a plugin, and runs none of it. */
  read(files: PluginFiles): CandidateResult {
    return readCandidate(files);
  }

  /** A plugin as its manifest declares it; none of its code has run. */
  declared(candidate: Candidate): Plugin {
    return pluginOf(candidate, this.sandbox);
  }

  /** Loads each model once, for each hash once, to see that it is what the manifest declares. */
  admit(candidate: Candidate): LoadResult {
    const { origin, files } = candidate;
    if (!this.tried.has(origin.sha256)) {
      const problems = tryPlugin(candidate, this.sandbox);
      if (problems.length > 0) return { ok: false, folder: files.place, problems };
      this.tried.add(origin.sha256);
    }
    return { ok: true, plugin: this.declared(candidate) };
  }

  /** Checks and loads a plugin: the one in a folder, or wherever its files are. */
  load(from: string | PluginFiles): LoadResult {
    const files = typeof from === 'string' ? new FolderFiles(resolve(from)) : from;
    const read = this.read(files);
    if (!read.ok) return { ok: false, folder: read.place, problems: read.problems };
    return this.admit(read.candidate);
  }

  /** Loads every plugin in the given folders of plugins, in this order; missing folders are empty. */
  discover(folders: readonly string[]): PluginSet {
    const plugins: Plugin[] = [];
    const problems: PluginProblem[] = [];
    for (const folder of pluginFolders(folders)) {
      const result = this.load(folder);
      if (result.ok) plugins.push(result.plugin);
      else problems.push(...result.problems);
    }
    const set = together(plugins);
    return { ...set, problems: [...problems, ...set.problems] };
  }
}

/** Plugins of which the first with an id counts, and the first with a model. */
export function together(found: readonly Plugin[]): PluginSet {
  const plugins: Plugin[] = [];
  const problems: PluginProblem[] = [];
  const models = new Map<string, HardwareModel>();
  for (const plugin of found) {
    const { origin, folder } = plugin;
    const say = (message: string) => {
      const file = `${folder}/${MANIFEST_NAME}`;
      problems.push({ file, line: 1, column: 1, code: 'value', message });
    };
    const earlier = plugins.find((other) => other.origin.id === origin.id);
    if (earlier) {
      say(`plugin ${origin.id} is already loaded from ${earlier.folder}`);
      continue;
    }
    plugins.push(plugin);
    for (const model of plugin.models) {
      const other = models.get(model.id);
      if (!other) models.set(model.id, model);
      else say(`model ${model.id} is already that of ${other.origin.id}`);
    }
  }
  return { plugins, models, problems };
}
