import type { ExpectEntry } from '../../../../shared/lab/expectations/expectations.ts';
import type { Lab } from '../../../../shared/lab/schema.ts';
import type { Step } from '../../../../shared/world/step.ts';
import { failed } from '../../core/world/operation.ts';
import type { StepSource } from '../../core/world/timeline.ts';
import { speaksOfError, stated } from '../invariants/expected.ts';
import { equal, shown, type Verdict } from './expect.ts';
import type { LabTask } from './run.ts';

/** What a task of the program came to. */
export interface Outcome {
  readonly result: unknown;
  /** The last step of the task. */
  readonly last: number;
}

/** A task of the program, and what it came to: undefined where it has not ended. */
export interface EndedTask {
  readonly lab: Lab;
  readonly task: LabTask;
  readonly outcome: Outcome | undefined;
  readonly source: StepSource;
}

/**
 * What the lab says of a task: its own `expect`, what must hold right after it (by `check`), and
 * that it does not fail where nobody says so.
 */
export function taskVerdicts(
  ended: EndedTask,
  check: (entry: ExpectEntry) => readonly Verdict[],
): Verdict[] {
  const { task } = ended;
  return [
    ...outcomeVerdicts(task, ended.outcome),
    ...(task.entry?.expect?.state.flatMap(check) ?? []),
    ...unexpectedError(ended),
  ];
}

/** What the entry expects of its own result. */
function outcomeVerdicts({ title, entry }: LabTask, outcome: Outcome | undefined): Verdict[] {
  const expect = entry?.expect;
  if (!expect) return [];
  const got = !outcome ? 'not finished' : failed(outcome.result) ? outcome.result.errno : 'ok';
  const verdict = (name: string, want: string, is: string, ok = want === is): Verdict => ({
    at: `${title}.${name}`,
    want,
    got: is,
    ok,
    place: expect.source,
  });
  const verdicts: Verdict[] = [];
  if (expect.errno !== undefined) verdicts.push(verdict('errno', expect.errno, got));
  if (expect.ok === true) verdicts.push(verdict('ok', 'ok', got));
  if (expect.ok === false) verdicts.push(verdict('ok', 'an error', got, failed(outcome?.result)));
  for (const [name, want] of Object.entries(expect.returns)) {
    const result = outcome?.result;
    const value =
      typeof result === 'object' && result !== null
        ? (result as Record<string, unknown>)[name]
        : undefined;
    const is = value === undefined ? 'not there' : shown(value);
    verdicts.push(verdict(name, shown(want), is, value !== undefined && equal(want, value)));
  }
  return verdicts;
}

/** The error a task ended in, where neither its own `expect` nor an `error:` expectation names it. */
function unexpectedError(ended: EndedTask): Verdict[] {
  const { task, outcome } = ended;
  if (!outcome || !failed(outcome.result)) return [];
  // What the entry says of its error itself is compared already.
  const { errno, ok } = task.entry?.expect ?? {};
  if (errno !== undefined || ok !== undefined || expectedError(ended).length > 0) return [];
  const at = task.entry ? task.title : `${task.title} of ${task.detail}`;
  const got = `-${outcome.result.errno} (${outcome.result.check}), which nothing expects`;
  return [{ at, want: 'no error', got, ok: false, place: task.place }];
}

/** Steps that a task's error passed on its way up; none where the lab does not expect it. */
export function expectedError({ lab, task, outcome, source }: EndedTask): number[] {
  if (!outcome || !failed(outcome.result)) return [];
  const { errno, check } = outcome.result;
  const passed = passedBy(source, task.actor, check, outcome.last);
  const own = task.entry?.expect;
  const named =
    own?.errno === errno ||
    own?.ok === false ||
    stated(lab).some(
      (entry) => entry.kind === 'error' && passed.some((step) => speaksOfError(entry.want, step)),
    );
  return named ? passed.map(({ seq }) => seq) : [];
}

/** The steps of a task that an error passed, the last first: the check is one, the errno may change. */
function passedBy(source: StepSource, actor: string, check: string, last: number): Step[] {
  const steps: Step[] = [];
  for (let seq = last; seq > 0; seq -= 1) {
    const step = source.step(seq);
    if (step.actor !== actor) continue;
    if (step.err?.check === check) steps.push(step);
    if (step.parent === 0) break;
  }
  return steps;
}
