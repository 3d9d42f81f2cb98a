import { formatProblem } from '../../../shared/lab/problem.ts';
import { withSchedule } from '../../../shared/lab/with-schedule.ts';
import { closeDevices } from '../../engine/kernel/device/devices.ts';
import { explore, type Exploration } from '../../engine/lab/explore/explore.ts';
import { LabBranch } from '../../engine/lab/explore/lab-branch.ts';
import { resumeOf } from '../../engine/lab/explore/resume.ts';
import type { Breakage } from '../../engine/lab/explore/shorten.ts';
import type { Choice } from '../../engine/core/world/actors.ts';
import type { PluginCatalogue } from '../plugins/catalogue.ts';
import type { LabWhere } from '../plugins/lab-plugins.ts';
import { batchSources, catalogueOf, type Batch, type BatchSources } from './run.ts';
import { prepareLab } from '../session/sessions.ts';

export interface ExploreLimits {
  readonly depth: number;
  readonly budget: number;
}

/** One actor going on, in the schedule of a breakage. */
export interface Stretch {
  readonly actor: string;
  readonly first: number;
  readonly last: number;
  /** Functions of its first and last step. */
  readonly from: string;
  readonly to: string;
}

export interface FoundBreakage extends Breakage {
  readonly stretches: readonly Stretch[];
  readonly choices: readonly Choice[];
  /** The lab with that schedule written into it. */
  readonly lab: string;
}

export interface ExploredLab extends Omit<Exploration, 'breakages'> {
  readonly actors: readonly string[];
  /** Step after which the actors may interleave. */
  readonly from: number;
  readonly breakages: readonly FoundBreakage[];
  readonly warnings: readonly string[];
}

/** Tries the interleavings of a lab's `concurrently` blocks. */
export async function exploreLab(
  name: string,
  text: string,
  given: string | BatchSources,
  limits: ExploreLimits,
): Promise<Batch<ExploredLab>> {
  const sources = batchSources(given);
  const plugins = await catalogueOf(sources);
  const where = { folder: sources.folder };
  const prepared = prepareLab(name, text, plugins, where);
  const told = prepared.problems.map(formatProblem);
  if (!prepared.ok) return { ok: false, problems: told, untrusted: prepared.untrusted };
  const { lab, run } = prepared.execution;
  const resumed = resumeOf(lab, run);
  if (!resumed.ok) return { ok: false, problems: [`${name}: ${resumed.message}`] };
  const { resume } = resumed;
  const result = explore(() => new LabBranch(resume), { ...limits, reduce: true });
  closeDevices(run.devices);
  const from = resume.log.length;
  const block = run.tasks.filter(({ entry }) => entry?.concurrent !== undefined);
  return {
    ok: true,
    value: {
      ...result,
      actors: [...new Set(block.map(({ actor }) => actor))],
      from,
      breakages: result.breakages.map((one) => followed(one, { name, text, plugins, where, from })),
      warnings: told,
    },
  };
}

interface Explored {
  readonly name: string;
  readonly text: string;
  readonly plugins: PluginCatalogue;
  readonly where: LabWhere;
  readonly from: number;
}

/** Makes the schedule of a breakage once more, from the boot on: its steps and its choices. */
function followed(breakage: Breakage, explored: Explored): FoundBreakage {
  const { name, plugins, where, from } = explored;
  const sequential = withSchedule(explored.text, [], '');
  const prepared = prepareLab(name, sequential, plugins, where);
  if (!prepared.ok) throw new Error('the lab is not the one that was explored');
  const { driver, log } = prepared.execution;
  while (driver.steps < from) driver.advance();
  // What is left of the entries before returns without a step.
  for (const { actor } of prepared.execution.run.tasks) {
    if (driver.stackOf(actor).length > 0) driver.advanceOnly(actor);
  }
  try {
    for (const actor of breakage.actors) driver.advanceOnly(actor);
  } catch (error) {
    if (breakage.broken.kind !== 'error') throw error;
  }
  prepared.execution.finish();
  const stretches: Stretch[] = [];
  for (let seq = from + 1; seq <= log.length; seq += 1) {
    const { actor, fn } = log.step(seq);
    const last = stretches[stretches.length - 1];
    if (last?.actor === actor) stretches[stretches.length - 1] = { ...last, last: seq, to: fn };
    else stretches.push({ actor, first: seq, last: seq, from: fn, to: fn });
  }
  const comment = `Found by lab explore: ${breakage.broken.sentence}`;
  const choices = driver.choices.filter(({ step }) => step > from);
  const lab = withSchedule(explored.text, choices, comment);
  return { ...breakage, stretches, choices, lab };
}
