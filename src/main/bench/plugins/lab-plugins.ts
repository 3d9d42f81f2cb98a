import type { ReadLab } from '../../../shared/lab/schema.ts';
import type { LabProblem } from '../../engine/lab/machine/lab-problem.ts';
import type { PluginSet } from '../../plugins/host.ts';
import { together } from '../../plugins/host.ts';
import type { Plugin } from '../../plugins/load.ts';
import { formatPluginProblem } from '../../plugins/problem.ts';
import type { PluginRef } from '../../sessions/recording-row.ts';
import type { PluginCatalogue } from './catalogue.ts';
import { bestOf, choose, tellApart, type Wanted } from './choose.ts';
import { foundText, type Found } from './found.ts';
import { besideLab, readPlace } from './place.ts';

/** The plugins one lab runs with. */
export interface LabPlugins {
  /** With their models; those of plugins that no device uses are declared and never run. */
  readonly set: PluginSet;
  readonly problems: readonly LabProblem[];
  /** Strangers that the lab needs and nobody has trusted yet. */
  readonly untrusted: readonly Found[];
  /** Positions of devices that are left out, since a plugin was to be done without. */
  readonly leftOut: readonly number[];
}

/** Where a lab stands, and what it must run with. */
export interface LabWhere {
  /** Its folder, absolute; without one a `path:` cannot be followed. */
  readonly folder?: string | undefined;
  /** The very plugins of the run to be made again. */
  readonly pins?: readonly PluginRef[];
}

/** Finds the plugins of a lab's devices, by the rules of `choose`, and starts those of its models. */
export function labPlugins(
  catalogue: PluginCatalogue,
  lab: ReadLab,
  where: LabWhere = {},
): LabPlugins {
  const problems: LabProblem[] = [];
  const wanted = wantedBy(catalogue, lab, where, problems);
  const models = lab.devices.flatMap(({ model }) => model ?? []);
  const here = catalogue.found;
  const declares = (model: string) => (one: Found) =>
    one.candidate.manifest.models.some(({ id }) => id === model);
  const lacking = wanted.length > 0 || models.some((model) => !here.some(declares(model)));
  const beside = wanted.flatMap(({ beside = [], reference: { id } }) =>
    beside.filter(({ candidate }) => candidate.origin.id === id),
  );
  const pool = [...beside, ...here, ...(lacking ? catalogue.foundInstalled : [])];
  const choice = choose(wanted, pinned(pool, where.pins));
  problems.push(...choice.problems);

  const asked = new Set(wanted.map(({ reference }) => reference.id));
  const untrusted = new Map<string, Found>();
  const failed = new Map<string, string>();
  const used: Plugin[] = [];
  const leftOut: number[] = [];
  lab.devices.forEach(({ model }, index) => {
    if (model === undefined) return;
    const path = ['devices', index, 'model'];
    const candidates = choice.chosen.filter(declares(model));
    const named = candidates.filter(({ candidate }) => asked.has(candidate.origin.id));
    const [best, ...rivals] = named.length > 0 ? named : inBestPlace(candidates);
    const unclear = [...choice.ambiguous].find(([, found]) => found.some(declares(model)));
    if (best && rivals.length > 0) {
      problems.push({ path, message: tellApart(`model ${model}`, [best, ...rivals]) });
    } else if (!best && unclear) {
      const [id, found] = unclear;
      if (!asked.has(id)) problems.push({ path, message: tellApart(id, found) });
    } else if (!best) {
      if ((catalogue.sources.without ?? []).length > 0) leftOut.push(index);
    } else if (!catalogue.trusts(best)) {
      untrusted.set(best.candidate.origin.sha256, best);
      problems.push({ path, message: untrustedText(best) });
    } else {
      const { sha256 } = best.candidate.origin;
      const admitted = failed.has(sha256) ? undefined : catalogue.host.admit(best.candidate);
      if (admitted && !admitted.ok) {
        failed.set(sha256, admitted.problems.map(formatPluginProblem).join('; '));
      }
      if (admitted?.ok) {
        if (!used.some(({ origin }) => origin.sha256 === sha256)) used.push(admitted.plugin);
      } else problems.push({ path, message: `its plugin does not load: ${failed.get(sha256)}` });
    }
  });
  const rest = choice.chosen.map(({ candidate }) => catalogue.host.declared(candidate));
  const others = rest.filter((one) => !used.some(({ origin }) => origin.id === one.origin.id));
  const { plugins, models: all } = together([...used, ...others]);
  const set = { plugins, models: all, problems: catalogue.problems };
  return { set, problems, untrusted: [...untrusted.values()], leftOut };
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
  problems: LabProblem[],
): Wanted[] {
  const { without = [] } = catalogue.sources;
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
