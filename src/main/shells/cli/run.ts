import { resolve } from 'node:path';
import type { BatchRun, Verdict } from '../../bench/batch/run.ts';
import { BatchRecording } from '../../bench/batch/record.ts';
import { batchState, stateText } from '../../bench/batch/state.ts';
import { traceLines } from '../../bench/batch/trace.ts';
import { junitReport } from './junit.ts';
import { loadLab, loadRun, seekTo } from './load.ts';
import { writeOutput } from './output-file.ts';
import type { Arguments, ExitCode, Terminal, Verb } from './verb.ts';

/** Characters of the step tree that are written at a time. */
const PIECE = 64 * 1024;

export const runVerb: Verb = {
  name: 'run',
  operands: 'LAB',
  count: [1, 1],
  summary: 'Run a lab and check what it expects',
  options: {
    trace: { text: 'print the step tree' },
    at: { value: 'N', kind: 'number', text: 'print the state after step N' },
    json: { text: 'print the state (the last, or that of --at) as JSON' },
    out: { value: 'FILE', text: 'write the recording (.pfnlab)' },
    junit: {
      value: 'FILE',
      text: 'write what was expected, and what went wrong, as a JUnit report',
    },
    report: { value: 'FILE', text: 'write the report there instead of to stderr' },
  },
  notes: [
    'Exit code: 0 when every expectation holds; 1 when one does not, when an operation or a probe fails',
    'and neither its own `expect` nor an `error:` expectation names the error, when an invariant breaks',
    'or the run ends early and the lab does not expect it; 2 for a lab that cannot be used.',
  ].join('\n'),
  async run(given, terminal) {
    if (given.switches.has('trace') && (given.switches.has('json') || given.numbers.has('at'))) {
      terminal.say(
        'pfnlab: run: --trace prints steps and --json or --at a state: take one of them',
      );
      return 2;
    }
    const [name = ''] = given.operands;
    const text = loadLab(name, terminal);
    if (text === undefined) return 2;
    const out = given.values.get('out');
    const recording = out === undefined ? undefined : BatchRecording.open();
    if (recording && 'problem' in recording) {
      terminal.say(recording.problem);
      return 2;
    }
    try {
      const run = await loadRun(name, text, given, terminal, recording);
      if (!run) return 2;
      if (recording && out !== undefined) {
        const failure = recording.write(run.open, resolve(terminal.folder, out));
        if (failure) {
          terminal.say(`${out}: ${failure.message}`);
          return 2;
        }
      }
      await seekTo(run, given.numbers.get('at'));
      return await finish(run, given, terminal);
    } finally {
      recording?.close();
    }
  },
};

async function finish(run: BatchRun, given: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (given.switches.has('trace')) await printTrace(run, terminal);
  else if (given.switches.has('json')) {
    terminal.print(`${JSON.stringify(batchState(run.session), undefined, 2)}\n`);
  } else if (given.numbers.has('at')) {
    const { at, source } = run.session;
    terminal.print(stateText(batchState(run.session), at > 0 ? source.step(at).fn : ''));
  }
  const junit = given.values.get('junit');
  const report = given.values.get('report');
  const lines = reportLines(run);
  const judged = [...run.verdicts, ...run.faults];
  let written = true;
  if (junit !== undefined) {
    written =
      writeOutput(junit, junitReport([{ title: run.open.title, verdicts: judged }]), terminal) &&
      written;
  }
  if (report === undefined) for (const line of lines) terminal.say(line);
  else written = writeOutput(report, `${lines.join('\n')}\n`, terminal) && written;
  if (!written) return 2;
  return judged.every(({ ok }) => ok) ? 0 : 1;
}

/** In large pieces: a write for each line would take longer than the run. */
async function printTrace({ open }: BatchRun, terminal: Terminal): Promise<void> {
  let piece = '';
  for await (const line of traceLines(open)) {
    piece += `${line}\n`;
    if (piece.length < PIECE) continue;
    terminal.print(piece);
    piece = '';
  }
  terminal.print(piece);
}

/** Warnings, what does not hold, and the sum of it. */
function reportLines({ name, open, session, execution, verdicts, warnings }: BatchRun): string[] {
  const lines = [...warnings, ...kernelNotes(session.facts).map((note) => `${name}: ${note}`)];
  for (const verdict of verdicts) if (!verdict.ok) lines.push(verdictLine(verdict));
  for (const { step, invariant, fn, actor, sentence } of session.violations) {
    lines.push(`${name}: step ${step}, ${fn} of ${actor}, breaks ${invariant}: ${sentence}`);
  }
  const steps = execution.log.length;
  if (execution.stopped !== undefined) {
    lines.push(`${name}: the run stopped at step ${steps}: ${execution.stopped}`);
  }
  const held = verdicts.filter(({ ok }) => ok).length;
  const expectations =
    verdicts.length === 0
      ? 'nothing was expected'
      : `${held} of ${verdicts.length} expectations hold`;
  lines.push(`${open.title}: ${steps} steps, state ${execution.hash()}, ${expectations}`);
  return lines;
}

function verdictLine({ at, want, got, place }: Verdict): string {
  return `${place.file}:${place.line}:${place.column}: ${at}: expected ${want}, got ${got}`;
}

/** What a reader must know before believing the figures. */
function kernelNotes({ era, hypothetical }: BatchRun['session']['facts']): string[] {
  const notes = [];
  if (era.assumption !== undefined) notes.push(`assumption: ${era.assumption}`);
  if (era.overridden.length > 0) notes.push(`overridden switches: ${era.overridden.join(', ')}`);
  if (hypothetical) notes.push('hypothetical: no kernel ever had this combination');
  return notes;
}
