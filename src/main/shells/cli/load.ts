import {
  isRecording,
  openRecording,
  runBatch,
  type Batch,
  type BatchRun,
  type BatchView,
} from '../../bench/batch/run.ts';
import type { PluginCatalogue } from '../../bench/plugins/catalogue.ts';
import type { Recorder } from '../../bench/session/recordings.ts';
import { timelineHandlers } from '../../bench/session/handlers/timeline.ts';
import { decodeText, readInput } from './input-file.ts';
import { sourcesOf } from './sources.ts';
import { trusting } from './trusting.ts';
import type { Arguments, Terminal } from './verb.ts';

/** Opens a FILE operand, a lab (which is run) or a recording. Undefined: it said what is wrong. */
export async function loadView(
  name: string,
  given: Arguments,
  terminal: Terminal,
): Promise<BatchView | undefined> {
  const input = readInput(name, terminal);
  if (!input.ok) return refuse([input.message], terminal);
  const sources = sourcesOf(given, terminal, name);
  let opened: Batch<BatchView>;
  if (isRecording(name, input.bytes)) {
    opened = await openRecording(input.name, input.bytes, sources);
  } else {
    const text = decodeText(input.name, input.bytes);
    if (!text.ok) return refuse([text.message], terminal);
    opened = await trusting(sources, terminal, () => runBatch(input.name, text.text, sources));
  }
  if (!opened.ok) return refuse(opened.problems, terminal);
  for (const warning of opened.value.warnings) terminal.say(warning);
  return opened.value;
}

/** A lab file's text. Undefined: it said what is wrong. */
export function loadLab(name: string, terminal: Terminal): string | undefined {
  const input = readInput(name, terminal);
  if (!input.ok) return refuse([input.message], terminal);
  if (isRecording(name, input.bytes)) {
    return refuse([`${name}: it is a recording, not a lab; "show" and "page" read it`], terminal);
  }
  const text = decodeText(input.name, input.bytes);
  return text.ok ? text.text : refuse([text.message], terminal);
}

/** Runs a lab. Undefined: it said what is wrong. */
export async function loadRun(
  name: string,
  text: string,
  given: Arguments,
  terminal: Terminal,
  more: { readonly recorder?: Recorder; readonly catalogue?: PluginCatalogue } = {},
): Promise<BatchRun | undefined> {
  const { recorder, catalogue } = more;
  const sources = { ...sourcesOf(given, terminal, name), catalogue };
  const run = await trusting(sources, terminal, () => runBatch(name, text, sources, recorder));
  return run.ok ? run.value : refuse(run.problems, terminal);
}

/** Moves a view to `--at`, where there is one; a refusal where it has no such step. */
export async function seekTo({ open }: BatchView, step: number | undefined): Promise<void> {
  if (step !== undefined) await timelineHandlers.seek(open, { step });
}

function refuse(messages: readonly string[], terminal: Terminal): undefined {
  for (const message of messages) terminal.say(message);
  return undefined;
}
