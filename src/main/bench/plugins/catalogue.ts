import { join, resolve } from 'node:path';
import type { BrokenPlugin, PluginPlace } from '../../../shared/bench/plugins.ts';
import type { HardwareModel } from '../../engine/kernel/device/model.ts';
import { pluginFolders } from '../../plugins/folders.ts';
import { PluginHost, together, type PluginSet } from '../../plugins/host.ts';
import type { Plugin } from '../../plugins/load.ts';
import type { PluginProblem } from '../../plugins/problem.ts';
import { choose } from './choose.ts';
import type { Found } from './found.ts';
import { InstalledPlugins } from './installed.ts';
import { readPlace } from './place.ts';
import { TrustRecord } from './trust.ts';
import { compareVersions } from './versions.ts';

/** Where plugins are looked for, and what is allowed for this run. */
export interface PluginSources {
  /** The program's folder, with its `plugins/`. */
  readonly root: string;
  /** Folders and packed files that were named: absolute paths. */
  readonly named?: readonly string[];
  /** The user's data folder: what is installed, and the record of what is trusted. */
  readonly data?: string | undefined;
  /** Ids of plugins to do without. */
  readonly without?: readonly string[];
  /** What labs name by a path is trusted for this run. */
  readonly trust?: boolean;
  /** Each call of a model gets a machine in which nothing ran before. */
  readonly fresh?: boolean;
}

/** Something that was taken for a plugin and is none. */
export interface Broken {
  readonly place: PluginPlace;
  readonly path: string;
  readonly problems: readonly PluginProblem[];
}

/** What was read, and what could not be. */
export interface Present {
  readonly found: readonly Found[];
  readonly broken: readonly Broken[];
}

/** Reads what ships with the program, in a folder of plugins. */
export function readShipped(host: PluginHost, folder: string): Present {
  return merged(pluginFolders([folder]).map((path) => presentAt(host, 'shipped', path)));
}

function presentAt(host: PluginHost, place: PluginPlace, path: string): Present {
  const read = readPlace(host, path);
  if (read.ok) return { found: [{ candidate: read.candidate, place }], broken: [] };
  return { found: [], broken: [{ place, path, problems: read.problems }] };
}

function merged(parts: readonly Present[]): Present {
  return {
    found: parts.flatMap(({ found }) => found),
    broken: parts.flatMap(({ broken }) => broken),
  };
}

/**
 * Every plugin there is, read and checked but not run, with what of it may run. Also the set of
 * those that a lab gets which names none: that is what `plugins`, `models` and `problems` are.
 */
export class PluginCatalogue implements PluginSet {
  readonly host: PluginHost;
  readonly sources: PluginSources;
  readonly record: TrustRecord | undefined;
  readonly installed: InstalledPlugins | undefined;
  private named: string[];
  private present: Present;
  private kept: Present | undefined;
  private usual: PluginSet | undefined;

  /** @param shipped what ships, where it was read before */
  constructor(host: PluginHost, sources: PluginSources, shipped?: Present) {
    this.host = host;
    this.sources = sources;
    this.named = (sources.named ?? []).map((path) => resolve(path));
    const { data } = sources;
    this.record = data === undefined ? undefined : new TrustRecord(data);
    this.installed = data === undefined ? undefined : new InstalledPlugins(data, host);
    this.present = this.readPresent(shipped);
  }

  static async open(sources: PluginSources): Promise<PluginCatalogue> {
    return new PluginCatalogue(await PluginHost.create(), sources);
  }

  /** Named and shipped plugins, those to do without left out. */
  get found(): readonly Found[] {
    return this.wanted(this.present.found);
  }

  /** Installed plugins; read when somebody asks for the first time. */
  get foundInstalled(): readonly Found[] {
    this.kept ??= this.readInstalled();
    return this.wanted(this.kept.found);
  }

  get broken(): readonly Broken[] {
    this.kept ??= this.readInstalled();
    return [...this.present.broken, ...this.kept.broken];
  }

  /** Folders and files that were named, which are watched where somebody watches. */
  get namedPaths(): readonly string[] {
    return this.named;
  }

  get plugins(): readonly Plugin[] {
    return this.default().plugins;
  }

  get models(): ReadonlyMap<string, HardwareModel> {
    return this.default().models;
  }

  /** What is wrong with what was named and with what ships. */
  get problems(): readonly PluginProblem[] {
    return [...this.present.broken.flatMap(({ problems }) => problems), ...this.default().problems];
  }

  /** Names one more folder or packed file, for as long as this catalogue lives. */
  name(path: string): void {
    const whole = resolve(path);
    if (!this.named.includes(whole)) this.named = [...this.named, whole];
    this.reload();
  }

  /** Takes back a name. False: nothing at that path was named. */
  forget(path: string): boolean {
    const whole = resolve(path);
    const left = this.named.filter((one) => one !== whole);
    if (left.length === this.named.length) return false;
    this.named = left;
    this.reload();
    return true;
  }

  /** Reads everything again. */
  reload(): void {
    this.present = this.readPresent();
    this.kept = undefined;
    this.usual = undefined;
  }

  /** Is the code of a plugin from this place allowed to run? */
  trusts({ place, candidate }: Found): boolean {
    if (place === 'named' || place === 'shipped') return true;
    if (place === 'lab' && this.sources.trust === true) return true;
    const { sha256 } = candidate.origin;
    return (
      this.present.found.some((one) => one.candidate.origin.sha256 === sha256) ||
      (this.record?.trusted().hashes.has(sha256) ?? false)
    );
  }

  /** All that is here, in the order of places. */
  all(): readonly Found[] {
    return [...this.found, ...this.foundInstalled];
  }

  /** Is the very plugin here? */
  has(sha256: string): boolean {
    const is = ({ candidate }: Found) => candidate.origin.sha256 === sha256;
    return this.found.some(is) || this.foundInstalled.some(is);
  }

  private wanted(found: readonly Found[]): readonly Found[] {
    const { without = [] } = this.sources;
    return without.length === 0
      ? found
      : found.filter(({ candidate }) => !without.includes(candidate.origin.id));
  }

  private default(): PluginSet {
    this.usual ??= together(
      choose([], this.found).chosen.map(({ candidate }) => this.host.declared(candidate)),
    );
    return this.usual;
  }

  private readPresent(known?: Present): Present {
    const { host } = this;
    const named = this.named.map((path) => presentAt(host, 'named', path));
    const shipped = known ?? readShipped(host, join(this.sources.root, 'plugins'));
    return merged([...named, shipped]);
  }

  private readInstalled(): Present {
    const { candidates, broken } = this.installed?.read() ?? { candidates: [], broken: [] };
    const sorted = [...candidates].sort(
      ({ origin: a }, { origin: b }) =>
        (a.id < b.id ? -1 : Number(a.id > b.id)) || compareVersions(b.version, a.version),
    );
    return {
      found: sorted.map((candidate) => ({ candidate, place: 'installed' })),
      broken: broken.map(({ place: path, problems }) => ({ place: 'installed', path, problems })),
    };
  }
}

/** What is broken, as doors show it. */
export function brokenViews(broken: readonly Broken[]): BrokenPlugin[] {
  return broken.map(({ place, path, problems }) => ({
    place,
    path,
    problems: problems.map((problem) => ({ ...problem, severity: 'error' as const })),
  }));
}
