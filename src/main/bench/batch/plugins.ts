import { formatFailure, SessionError } from '../../sessions/failure.ts';
import type { PluginDescription, PluginView } from '../../../shared/bench/plugins.ts';
import type { ModelOrigin } from '../../engine/kernel/device/model.ts';
import type { Candidate } from '../../plugins/candidate.ts';
import type { LoadResult } from '../../plugins/load.ts';
import { packPlugin } from '../../plugins/packed.ts';
import { formatPluginProblem, type PluginProblem } from '../../plugins/problem.ts';
import type { PluginCatalogue } from '../plugins/catalogue.ts';
import { foundText, type Found } from '../plugins/found.ts';
import { openPlace } from '../plugins/place.ts';
import { describePlugin, pluginViews, viewOf } from '../plugins/views.ts';
import { pluginHost, pluginSet } from '../session/plugin-set.ts';
import type { Batch, BatchSources } from './run.ts';

export interface PluginReport {
  readonly plugins: readonly PluginView[];
  /** `file:line:column: message`. */
  readonly problems: readonly string[];
}

/** Every plugin that is here, and what is wrong with those that do not load. */
export async function listPlugins(sources: BatchSources): Promise<PluginReport> {
  const catalogue = await pluginSet(sources.plugins);
  const loaded = catalogue
    .all()
    .map(({ candidate, place }) =>
      place === 'installed' ? undefined : catalogue.host.admit(candidate),
    );
  const failed = loaded.flatMap((one) => (one && !one.ok ? one.problems : []));
  const broken = catalogue.broken.flatMap(({ problems }) => problems);
  const trust = catalogue.record?.trusted().problem;
  return {
    plugins: pluginViews(catalogue),
    problems: [...[...broken, ...failed].map(formatPluginProblem), ...(trust ? [trust] : [])],
  };
}

/**
 * The plugin in a folder or packed file, checked and tried in the sandbox: whoever names it trusts it.
 *
 * @param shown what messages call it
 */
export async function checkPlugin(path: string, shown: string): Promise<PluginReport> {
  const checked = await tried(path, shown);
  if (!checked.ok) return { plugins: [], problems: checked.problems };
  const found: Found = { candidate: checked.value, place: 'named' };
  return { plugins: [viewOf(found, true, true)], problems: [] };
}

async function tried(path: string, shown: string): Promise<Batch<Candidate>> {
  const host = await pluginHost();
  const opened = openPlace(path, shown);
  if (!opened.ok) return failed([opened.problem]);
  const read = host.read(opened.files);
  if (!read.ok) return failed(read.problems);
  const result: LoadResult = host.admit(read.candidate);
  return result.ok ? { ok: true, value: read.candidate } : failed(result.problems);
}

function failed(problems: readonly PluginProblem[]): { ok: false; problems: string[] } {
  return { ok: false, problems: problems.map(formatPluginProblem) };
}

export interface PackedPlugin {
  readonly origin: ModelOrigin;
  readonly bytes: Uint8Array;
  readonly paths: readonly string[];
}

/** A checked plugin in one file. */
export async function packedPlugin(path: string, shown: string): Promise<Batch<PackedPlugin>> {
  const checked = await tried(path, shown);
  if (!checked.ok) return checked;
  const { files, origin } = checked.value;
  const packed = packPlugin(files);
  return packed.ok ? { ok: true, value: { ...packed, origin } } : failed([packed.problem]);
}

/** Keeps a copy among the installed ones; its code does not run. */
export async function installPlugin(
  sources: BatchSources,
  path: string,
  shown: string,
): Promise<Batch<PluginDescription>> {
  const catalogue = await pluginSet(sources.plugins);
  const { installed, host } = catalogue;
  if (!installed) return { ok: false, problems: ['there is no data folder to install into'] };
  const opened = openPlace(path, shown);
  if (!opened.ok) return failed([opened.problem]);
  const read = host.read(opened.files);
  if (!read.ok) return failed(read.problems);
  return attempted(() => {
    installed.install(read.candidate);
    catalogue.reload();
    return described(catalogue, read.candidate.origin.sha256);
  });
}

/** Lets an installed plugin run from now on, or no more. */
export async function trustPlugin(
  sources: BatchSources,
  which: string,
  trusted = true,
): Promise<Batch<PluginDescription>> {
  const catalogue = await pluginSet(sources.plugins);
  const { record } = catalogue;
  const found = onlyOne(catalogue, which);
  if (!found.ok) return found;
  const { origin } = found.value.candidate;
  return attempted(() => {
    if (trusted) record?.trust(origin);
    else record?.distrust(origin.sha256);
    return described(catalogue, origin.sha256);
  });
}

export async function removePlugin(
  sources: BatchSources,
  which: string,
): Promise<Batch<ModelOrigin>> {
  const catalogue = await pluginSet(sources.plugins);
  const found = onlyOne(catalogue, which);
  if (!found.ok) return found;
  const { origin } = found.value.candidate;
  return attempted(() => {
    catalogue.installed?.remove(origin.sha256);
    catalogue.record?.distrust(origin.sha256);
    return origin;
  });
}

/** The installed plugin with that id, or whose hash begins so. */
function onlyOne(catalogue: PluginCatalogue, which: string): Batch<Found> {
  const byHash = /^[0-9a-f]{8,64}$/.test(which);
  const found = catalogue.foundInstalled.filter(({ candidate: { origin } }) =>
    byHash ? origin.sha256.startsWith(which) : origin.id === which,
  );
  const [one, ...others] = found;
  if (!one) {
    return {
      ok: false,
      problems: [`no plugin ${which} is installed; "lab plugin list" lists them`],
    };
  }
  if (others.length === 0) return { ok: true, value: one };
  return {
    ok: false,
    problems: [
      `${which} is installed more than once, say which by its hash:`,
      ...found.map(foundText),
    ],
  };
}

function described(catalogue: PluginCatalogue, sha256: string): PluginDescription {
  const found = catalogue.foundInstalled.find(
    ({ candidate }) => candidate.origin.sha256 === sha256,
  );
  if (!found) throw new Error('what was installed is not there');
  return describePlugin(catalogue, found);
}

function attempted<T>(body: () => T): Batch<T> {
  try {
    return { ok: true, value: body() };
  } catch (error) {
    if (error instanceof SessionError)
      return { ok: false, problems: [formatFailure(error.failure)] };
    throw error;
  }
}

/** What a plugin declares and asks for, wherever it was found. */
export async function describeFound(
  { plugins }: BatchSources,
  found: Found,
): Promise<PluginDescription> {
  return describePlugin(await pluginSet(plugins), found);
}

/** Lets a plugin run from now on, wherever it was found. */
export async function trustFound({ plugins }: BatchSources, found: Found): Promise<Batch<void>> {
  const { record } = await pluginSet(plugins);
  return attempted(() => record?.trust(found.candidate.origin));
}
