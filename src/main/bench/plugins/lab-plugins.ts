import type { MissingPlugins } from '../../../shared/bench/plugins.ts';
import type { ReadLab } from '../../../shared/lab/schema.ts';
import type { LabProblem } from '../../engine/lab/machine/lab-problem.ts';
import type { PluginSet } from '../../plugins/host.ts';
import { together } from '../../plugins/host.ts';
import type { Plugin } from '../../plugins/load.ts';
import { formatPluginProblem } from '../../plugins/problem.ts';
import type { PluginRef } from '../../sessions/recording-row.ts';
import type { PluginCatalogue } from './catalogue.ts';
import { bestOf, choose, tellApart, type Choice, type Wanted } from './choose.ts';
import { foundText, type Found } from './found.ts';
import { besideLab, readPlace } from './place.ts';

/** The plugins one lab runs with. */
export interface LabPlugins {
  /** With their models; those of plugins that no device uses are declared and never run. */
  readonly set: PluginSet;
  readonly problems: readonly LabProblem[];
  /** Strangers that the lab needs and nobody has trusted yet. */
  readonly untrusted: readonly Found[];
  /** Positions of devices whose model nobody has. */
  readonly unknown: readonly number[];
  /** Positions of devices that are left out, since a plugin was to be done without. */
  readonly leftOut: readonly number[];
  readonly missing: MissingPlugins;
}

/** Where a lab stands, and what it must run with. */
export interface LabWhere {
  /** Its folder, absolute; without one a `path:` cannot be followed. */
  readonly folder?: string | undefined;
  /** The very plugins of the run to be made again. */
  readonly pins?: readonly PluginRef[];
  /** Ids of plugins to do without; where it is there, devices that nobody models are left out. */
  readonly without?: readonly string[] | undefined;
}

/** Finds the plugins of a lab's devices, by the rules of `choose`, and starts those of its models. */
export function labPlugins(
  catalogue: PluginCatalogue,
  lab: ReadLab,
  where: LabWhere = {},
): LabPlugins {
  const problems: LabProblem[] = [];
  const without = [...(catalogue.sources.without ?? []), ...(where.without ?? [])];
  const leaveOut = without.length > 0 || where.without !== undefined;
  const wanted = wantedBy(catalogue, lab, where, without, problems);
  const models = lab.devices.flatMap(({ model }) => model ?? []);
  const here = catalogue.found;
  const lacking =
    wanted.length > 0 || models.some((model) => !here.some((one) => declares(one, model)));
  const beside = wanted.flatMap(({ beside = [], reference: { id } }) =>
    beside.filter(({ candidate }) => candidate.origin.id === id),
  );
  const pool = [...beside, ...here, ...(lacking ? catalogue.foundInstalled : [])];
  const allowed = pool.filter(({ candidate }) => !without.includes(candidate.origin.id));
  const choice = choose(wanted, pinned(allowed, where.pins));
  problems.push(...choice.problems);

  const asked = new Set(wanted.map(({ reference }) => reference.id));
  const picks = new Map<string, Pick>();
  const used: Plugin[] = [];
  const unknown: number[] = [];
  const unmodelled: MissingPlugins['devices'] = [];
  lab.devices.forEach(({ id = '', model }, index) => {
    if (model === undefined) return;
    const known = picks.get(model);
    const pick = known ?? pickModel(catalogue, choice, asked, model);
    picks.set(model, pick);
    if (pick.message !== undefined) {
      problems.push({ path: ['devices', index, 'model'], message: pick.message });
    }
    if (pick.nobody) unknown.push(index);
    if (pick.nobody && !leaveOut) unmodelled.push({ id, model });
    if (!known && pick.plugin) used.push(pick.plugin);
  });
  const untrusted = [...picks.values()].flatMap((pick) => pick.untrusted ?? []);
  const rest = choice.chosen.map(({ candidate }) => catalogue.host.declared(candidate));
  const others = rest.filter((one) => !used.some(({ origin }) => origin.id === one.origin.id));
  const { plugins, models: all } = together([...unique(used), ...others]);
  const set = { plugins, models: all, problems: catalogue.problems };
  const lost = wanted.filter(
    ({ reference: { id } }) =>
      !choice.ambiguous.has(id) && !choice.chosen.some((one) => one.candidate.origin.id === id),
  );
  const missing = {
    plugins: lost.map(({ reference: { id, version = '' } }) => ({ id, version })),
    devices: unmodelled,
  };
  const leftOut = leaveOut ? unknown : [];
  return { set, problems, untrusted: [...new Set(untrusted)], unknown, leftOut, missing };
}

/** What a model comes to: a plugin, or why there is none. */
interface Pick {
  readonly plugin?: Plugin;
  readonly message?: string;
  /** No plugin has it: the engine says so, with the models there are. */
  readonly nobody?: true;
  readonly untrusted?: Found;
}

/** The plugin whose model it is, tried in the sandbox. */
function pickModel(
  catalogue: PluginCatalogue,
  { chosen, ambiguous }: Choice,
  asked: ReadonlySet<string>,
  model: string,
): Pick {
  const candidates = chosen.filter((one) => declares(one, model));
  const named = candidates.filter(({ candidate }) => asked.has(candidate.origin.id));
  const [best, ...rivals] = named.length > 0 ? named : inBestPlace(candidates);
  if (best && rivals.length > 0) return { message: tellApart(`model ${model}`, [best, ...rivals]) };
  if (!best) {
    const unclear = [...ambiguous].find(([, found]) => found.some((one) => declares(one, model)));
    if (!unclear) return { nobody: true };
    // What an entry asks for is told at the entry.
    const [id, found] = unclear;
    return asked.has(id) ? {} : { message: tellApart(id, found) };
  }
  if (!catalogue.trusts(best)) return { message: untrustedText(best), untrusted: best };
  const admitted = catalogue.host.admit(best.candidate);
  if (admitted.ok) return { plugin: admitted.plugin };
  const why = admitted.problems.map(formatPluginProblem).join('; ');
  return { message: `its plugin does not load: ${why}` };
}

function declares({ candidate }: Found, model: string): boolean {
  return candidate.manifest.models.some(({ id }) => id === model);
}

/** One of each hash: a plugin has several models. */
function unique(plugins: readonly Plugin[]): readonly Plugin[] {
  return [...new Map(plugins.map((one) => [one.origin.sha256, one])).values()];
}

/** Of plugins of several ids, those of the best place; one for each id is in it. */
function inBestPlace(found: readonly Found[]): readonly Found[] {
  const [best] = bestOf(found);
  return found.filter(({ place }) => place === best?.place);
}

/** Where a run is made again, of each plugin it had only that very one. */
function pinned(pool: readonly Found[], pins: readonly PluginRef[] = []): readonly Found[] {
  return pool.filter(({ candidate: { origin } }) => {
    const pin = pins.find(({ id }) => id === origin.id);
    return !pin || pin.sha256 === origin.sha256;
  });
}

/** What a lab's entries ask for, with what their paths lead to. */
function wantedBy(
  catalogue: PluginCatalogue,
  lab: ReadLab,
  { folder }: LabWhere,
  without: readonly string[],
  problems: LabProblem[],
): Wanted[] {
  return lab.plugins.flatMap((reference, index): Wanted[] => {
    if (!reference || without.includes(reference.id)) return [];
    const entry = { reference, path: ['plugins', index] };
    if (reference.path === undefined) return [entry];
    const path = [...entry.path, 'path'];
    const say = (message: string): Wanted[] => {
      problems.push({ path, message });
      return [{ ...entry, beside: [] }];
    };
    if (folder === undefined) {
      return say('nobody told where this lab lies: name the plugin with --plugin, or install it');
    }
    const beside = besideLab(folder, reference.path);
    if (typeof beside === 'string') return say(beside);
    const read = readPlace(catalogue.host, beside.path);
    if (!read.ok) return say(read.problems.map(formatPluginProblem).join('; '));
    return [{ ...entry, beside: [{ candidate: read.candidate, place: 'lab' }] }];
  });
}

function untrustedText(found: Found): string {
  const { sha256 } = found.candidate.origin;
  const trusted =
    found.place === 'lab' ? ', or run with --trust or --plugin' : ', or name it with --plugin';
  return `it needs ${foundText(found)}, which nobody has trusted: look at it and trust it (lab plugin trust ${sha256.slice(0, 12)})${trusted}`;
}
