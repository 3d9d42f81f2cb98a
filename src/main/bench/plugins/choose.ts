/** Which plugin runs: the one place of the rules in docs/plugins-loading.md. */
import { PLUGIN_PLACES } from '../../../shared/bench/plugins.ts';
import type { Path } from '../../../shared/lab/problem.ts';
import type { PluginReference } from '../../../shared/lab/device.ts';
import type { LabProblem } from '../../engine/lab/machine/lab-problem.ts';
import { foundText, type Found } from './found.ts';
import { compareVersions, isRange, isVersion, isWithin } from './versions.ts';

/** An entry of a lab's `plugins:`, and what stands at its `path:`. */
export interface Wanted {
  readonly reference: PluginReference;
  readonly path: Path;
  /** Where the entry has a path: what is there, none where it cannot be read. */
  readonly beside?: readonly Found[] | undefined;
}

export interface Choice {
  /** At most one for each id. */
  readonly chosen: readonly Found[];
  /** Ids with several that nothing tells apart. */
  readonly ambiguous: ReadonlyMap<string, readonly Found[]>;
  readonly problems: readonly LabProblem[];
}

/** What can be done about a plugin that is not here. */
export const WAYS =
  'install the plugin (lab plugin install), name its folder or file (--plugin), or run without it (--without-plugin)';

/** One plugin for each id: the one a lab's entry asks for, else the best by place and version. */
export function choose(wanted: readonly Wanted[], found: readonly Found[]): Choice {
  const chosen = new Map<string, Found>();
  const ambiguous = new Map<string, readonly Found[]>();
  const problems: LabProblem[] = [];
  for (const entry of wanted) {
    const { id } = entry.reference;
    const fitting = fits(entry, found, problems);
    const [best, ...rivals] = bestOf(fitting);
    if (best && rivals.length === 0) chosen.set(id, best);
    else if (best) {
      ambiguous.set(id, [best, ...rivals]);
      problems.push({ path: [...entry.path, 'id'], message: tellApart(id, [best, ...rivals]) });
    }
  }
  const ids = new Set(found.map(({ candidate }) => candidate.origin.id));
  for (const { reference } of wanted) ids.delete(reference.id);
  for (const id of ids) {
    const [best, ...rivals] = bestOf(found.filter((one) => one.candidate.origin.id === id));
    if (best && rivals.length === 0) chosen.set(id, best);
    else if (best) ambiguous.set(id, [best, ...rivals]);
  }
  return { chosen: [...chosen.values()], ambiguous, problems };
}

/** Those an entry takes; what it misses is told. */
function fits(entry: Wanted, found: readonly Found[], problems: LabProblem[]): readonly Found[] {
  const { id, version, sha256 } = entry.reference;
  const say = (key: string, message: string, severity?: 'warning') =>
    problems.push({ path: [...entry.path, key], message, severity });
  if (entry.beside?.length === 0) return [];
  const here = (entry.beside ?? found).filter((one) => one.candidate.origin.id === id);
  if (here.length === 0) {
    const others = (entry.beside ?? []).map(({ candidate }) => candidate.origin.id);
    if (others.length > 0) say('id', `at that path is plugin ${others.join(', ')}, not ${id}`);
    else say('id', `plugin ${id} is not here: ${WAYS}`);
    return [];
  }
  if (version !== undefined && !isRange(version)) {
    say('version', `"${version}" is neither a version, such as 1.0.0, nor a range, such as ^1.0`);
    return [];
  }
  const inRange = here.filter(
    ({ candidate }) => version === undefined || isWithin(candidate.origin.version, version),
  );
  const there = here.map(({ candidate }) => candidate.origin.version).join(', ');
  if (version !== undefined && inRange.length === 0 && !isVersion(version)) {
    say('version', `no ${id} that is here is ${version}; there is ${there}: ${WAYS}`);
    return [];
  }
  const left = inRange.length > 0 ? inRange : here;
  const exact = left.filter(({ candidate }) => candidate.origin.sha256 === sha256);
  const taken = exact.length > 0 ? exact : left;
  const [best] = bestOf(taken);
  if (best && inRange.length === 0) {
    const { version: other } = best.candidate.origin;
    say('version', `the lab was made with ${id} ${version}; this is ${other}`, 'warning');
  } else if (best && sha256 !== undefined && exact.length === 0) {
    const { version: same } = best.candidate.origin;
    say('sha256', `${id} ${same} here is not the one the lab was made with`, 'warning');
  }
  return taken;
}

/** The first by place, then by version; several where only their hashes differ. */
export function bestOf(found: readonly Found[]): readonly Found[] {
  const sorted = [...found].sort(order);
  const [first] = sorted;
  if (!first) return [];
  const equal = sorted.filter((one) => order(first, one) === 0);
  const hashes = new Map(equal.map((one) => [one.candidate.origin.sha256, one] as const).reverse());
  return hashes.size === 1 ? [first] : [...hashes.values()].reverse();
}

function order(a: Found, b: Found): number {
  const places = PLUGIN_PLACES.indexOf(a.place) - PLUGIN_PLACES.indexOf(b.place);
  return places || compareVersions(b.candidate.origin.version, a.candidate.origin.version);
}

/** What is said where nothing tells plugins apart. */
export function tellApart(what: string, found: readonly Found[]): string {
  const listed = found.map(foundText).join('; ');
  return `${what} is here more than once: ${listed}; name one under \`plugins:\` with its id and sha256`;
}
