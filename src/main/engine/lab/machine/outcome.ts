import { failed } from '../../core/world/operation.ts';
import { equal, shown, type Verdict } from './expect.ts';
import type { LabTask } from './run.ts';

/** What a task of the program came to. */
export interface Outcome {
  readonly result: unknown;
  /** The last step of the task. */
  readonly last: number;
}

/** What the entry expects of its own result; an error nobody spoke of is told, and fails nothing. */
export function outcomeVerdicts(
  { title, entry }: LabTask,
  outcome: Outcome | undefined,
): Verdict[] {
  const expect = entry?.expect;
  if (!expect || !entry) return [];
  const place = expect.source;
  const got = !outcome ? 'not finished' : failed(outcome.result) ? outcome.result.errno : 'ok';
  const verdicts: Verdict[] = [];
  if (expect.errno !== undefined) {
    verdicts.push({
      at: `${title}.errno`,
      want: expect.errno,
      got,
      ok: got === expect.errno,
      place,
    });
  }
  if (expect.ok === true) {
    verdicts.push({ at: `${title}.ok`, want: 'ok', got, ok: got === 'ok', place });
  }
  for (const [name, want] of Object.entries(expect.returns)) {
    const result = outcome?.result;
    const value =
      typeof result === 'object' && result !== null
        ? (result as Record<string, unknown>)[name]
        : undefined;
    verdicts.push({
      at: `${title}.${name}`,
      want: shown(want),
      got: value === undefined ? 'not there' : shown(value),
      ok: value !== undefined && equal(want, value),
      place,
    });
  }
  return verdicts;
}
