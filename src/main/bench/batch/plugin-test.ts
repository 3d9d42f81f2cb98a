import { dirname, join } from 'node:path';
import type { Verdict } from '../../engine/lab/machine/expect.ts';
import { firstDifference } from './first-difference.ts';
import { openPlace } from '../plugins/place.ts';
import { formatPluginProblem } from '../../plugins/problem.ts';
import { catalogueOf, runBatch, type Batch, type BatchRun, type BatchSources } from './run.ts';

/** A lab of a plugin that was run twice, the second time with a new machine for each call. */
export interface TestedLab {
  readonly name: string;
  readonly title: string;
  /** What was expected, what else went wrong, and that both runs came out the same. */
  readonly judged: readonly Verdict[];
  readonly warnings: readonly string[];
  readonly hash: string;
}

/** Bytes of one lab of a plugin. */
const MAX_LAB = 4 * 1024 * 1024;

/**
 * Runs every lab (`*.lab.yaml`) of a plugin, wherever in it they lie, twice each, the second time
 * with a new machine for each call of a model: what a call left outside registers makes a difference
 * there. The plugin that is tested stands before any other of its id.
 *
 * @param shown what messages call the plugin
 */
export async function testPlugin(
  path: string,
  shown: string,
  sources: BatchSources,
): Promise<Batch<readonly TestedLab[]>> {
  const opened = openPlace(path, shown);
  if (!opened.ok) return { ok: false, problems: [formatPluginProblem(opened.problem)] };
  const { files } = opened;
  const tested: TestedLab[] = [];
  const named = withPlugin(sources, path);
  const catalogue = await catalogueOf(named);
  for (const lab of files.list().filter((one) => one.endsWith('.lab.yaml'))) {
    const text = files.read(lab, MAX_LAB, 'lab');
    const name = `${shown}/${lab}`;
    if (!text.ok) return { ok: false, problems: [formatPluginProblem(text.problem)] };
    const from = { ...named, catalogue, folder: dirname(join(path, lab)) };
    const first = await runBatch(name, text.text, from);
    const fresh = { ...from, plugins: { ...from.plugins, fresh: true } };
    const second = await runBatch(name, text.text, fresh);
    tested.push(labOf(name, first, second));
  }
  return { ok: true, value: tested };
}

function withPlugin({ plugins }: BatchSources, path: string): BatchSources {
  return { plugins: { ...plugins, named: [path, ...(plugins.named ?? [])] } };
}

function labOf(name: string, first: Batch<BatchRun>, second: Batch<BatchRun>): TestedLab {
  const place = { file: name, line: 1, column: 1 };
  if (!first.ok) {
    const got = first.problems.join('; ');
    const verdict = { at: 'lab', want: 'a lab that can be run', got, ok: false, place };
    return { name, title: name, judged: [verdict], warnings: [], hash: '' };
  }
  const { open, verdicts, faults, warnings, execution } = first.value;
  const hash = execution.hash();
  const again = second.ok ? second.value.execution.hash() : 'no run';
  const call = second.ok ? firstDifference(execution.log, second.value.execution.log) : undefined;
  const same = {
    at: 'state of a run with a new machine for each call',
    want: hash,
    got: call === undefined ? again : `${again}; the first call that differs is ${call}`,
    ok: hash === again && call === undefined,
    place,
  };
  return { name, title: open.title, judged: [...verdicts, ...faults, same], warnings, hash };
}
