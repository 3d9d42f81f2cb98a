import { resolve } from 'node:path';
import { catalogueOf, type BatchRun, type Verdict } from '../../bench/batch/run.ts';
import { BatchRecording } from '../../bench/batch/record.ts';
import { modelMessages } from '../../bench/inspect/model-messages.ts';
import { batchState, stateText } from '../../bench/batch/state.ts';
import { traceLines } from '../../bench/batch/trace.ts';
import { junitReport, type JunitSuite } from './junit.ts';
import { labsNamed } from './labs-named.ts';
import { loadLab, loadRun, seekTo } from './load.ts';
import { writeOutput } from './output-file.ts';
import { sourcesOf } from './sources.ts';
import type { Arguments, ExitCode, Terminal, Verb } from './verb.ts';

/** Characters of the step tree that are written at a time. */
const PIECE = 64 * 1024;

export const runVerb: Verb = {
  name: 'run',
  operands: 'LAB...',
  count: [1, 4096],
  summary: 'Run labs and check what they expect',
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
    'A LAB is a file, or a folder: all labs (*.lab.yaml) in it and below. Of several each has its lines in',
    'the report and its suite in the JUnit file; --trace, --json, --at and --out are for one.',
    'Exit code: 0 when every expectation holds; 1 when one does not, when an operation or a probe fails',
    'and neither its own `expect` nor an `error:` expectation names the error, when an invariant breaks',
    'or the run ends early and the lab does not expect it; 2 where a lab cannot be used.',
  ].join('\n'),
  async run(given, terminal) {
    if (given.switches.has('trace') && (given.switches.has('json') || given.numbers.has('at'))) {
      terminal.say(
        'pfnlab: run: --trace prints steps and --json or --at a state: take one of them',
      );
      return 2;
    }
    const named = labsNamed(given.operands, terminal);
    if (!named) return 2;
    const { labs, many } = named;
    if (many) return runMany(labs, given, terminal);
    const [name = ''] = labs;
    const text = loadLab(name, terminal);
    if (text === undefined) return 2;
    const out = given.values.get('out');
    const recording = out === undefined ? undefined : BatchRecording.open();
    if (recording && 'problem' in recording) {
      terminal.say(recording.problem);
      return 2;
    }
    try {
      const run = await loadRun(name, text, given, terminal, recording && { recorder: recording });
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
  const judged = [...run.verdicts, ...run.faults];
  const lines = reportLines(run);
  if (!given.values.has('report')) for (const line of lines) terminal.say(line);
  const suites = [{ title: run.open.title, verdicts: judged }];
  return written(lines, suites, given, terminal) ? codeOf(judged) : 2;
}

function codeOf(judged: readonly Verdict[]): ExitCode {
  return judged.every(({ ok }) => ok) ? 0 : 1;
}

/** Writes report and JUnit file where they are asked for. False: one could not be, and that was said. */
function written(
  lines: readonly string[],
  suites: readonly JunitSuite[],
  given: Arguments,
  terminal: Terminal,
): boolean {
  const junit = given.values.get('junit');
  const report = given.values.get('report');
  const first = junit === undefined || writeOutput(junit, junitReport(suites), terminal);
  const text = lines.map((line) => `${line}\n`).join('');
  return (report === undefined || writeOutput(report, text, terminal)) && first;
}

/** One lab after the other, in one process: plugins are read and tried once for all of them. */
async function runMany(
  labs: readonly string[],
  given: Arguments,
  terminal: Terminal,
): Promise<ExitCode> {
  const single = ['trace', 'json', 'at', 'out'].find(
    (name) => given.switches.has(name) || given.values.has(name),
  );
  if (single !== undefined) {
    terminal.say(`pfnlab: run: --${single} is for one lab`);
    return 2;
  }
  const suites: JunitSuite[] = [];
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
    if (!given.values.has('report')) terminal.say(line);
  };
  const codes: ExitCode[] = [];
  const catalogue = await catalogueOf(sourcesOf(given, terminal));
  for (const name of labs) {
    const said: string[] = [];
    // Nobody is asked between two labs: what is not trusted is told.
    const listening = { ...terminal, ask: undefined, say: (line: string) => said.push(line) };
    const text = loadLab(name, listening);
    const run =
      text === undefined ? undefined : await loadRun(name, text, given, listening, { catalogue });
    const verdicts = run ? [...run.verdicts, ...run.faults] : [unusable(name, said)];
    suites.push({ title: run?.open.title ?? name, verdicts });
    for (const line of [...said, ...(run ? reportLines(run) : [])]) say(line);
    codes.push(run ? codeOf(verdicts) : 2);
  }
  const holding = codes.filter((code) => code === 0).length;
  say(`${holding} of ${labs.length} labs hold`);
  if (!written(lines, suites, given, terminal) || codes.includes(2)) return 2;
  return codes.includes(1) ? 1 : 0;
}

function unusable(name: string, said: readonly string[]): Verdict {
  const place = { file: name, line: 1, column: 1 };
  return { at: 'lab', want: 'a lab that can be run', got: said.join('; '), ok: false, place };
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
  for (const { step, fn, level, text } of modelMessages(session.source, session.length)) {
    lines.push(`${name}: step ${step}, ${fn}: ${level}: ${text}`);
  }
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
