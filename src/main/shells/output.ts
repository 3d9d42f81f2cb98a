/** The one place where text leaves for a terminal. */
import { createInterface } from 'node:readline/promises';

/** The process, or whatever takes its text. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

export interface Output {
  /** Data, in which nothing is an order to the terminal. */
  print(text: string): void;
  /** One line of a report or diagnostic. */
  say(line: string): void;
}

/**
 * What a terminal obeys or what turns text around: control characters but tab and the ends of lines, DEL, the
 * C1 controls, marks and overrides of writing direction, line and paragraph separators.
 */
const ORDERS =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)/g;

/** The text with each order as its escape, as JSON and quoted YAML write it: `\u001b`. */
export function withoutOrders(text: string): string {
  return text.replace(ORDERS, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Everything that is written goes through here: titles, names, keys, logs and what plugins say. */
export function outputTo({ stdout, stderr }: Streams): Output {
  return {
    print: (text) => void stdout.write(withoutOrders(text)),
    // A newline would begin another line, which nobody said.
    say: (line) => void stderr.write(`${withoutOrders(line).replaceAll('\n', '\\n')}\n`),
  };
}

/** A process at whose terminal somebody may sit. */
export interface Conversation {
  readonly stdin: NodeJS.ReadableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Asks a question for yes or no. Anything but yes is no, and so is the end of the input. */
export async function askYesNo(
  { stdin, stderr }: Conversation,
  question: string,
): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const answer = await Promise.race([lines.question(`${withoutOrders(question)} [y/N] `), ended]);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** A reader that has seen enough (`| head`) ends the program as it would end any other. */
export function endWithReader({ stdout, stderr }: NodeJS.Process): void {
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      process.exit(error.code === 'EPIPE' ? 0 : 2);
    });
  }
}
