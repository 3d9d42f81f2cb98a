import { nearest } from '../../../shared/lab/suggest.ts';
import { parseArguments } from './arguments.ts';
import { helpVerbOf } from './describe.ts';
import { generalHelp, helpHint, verbHelp } from './help.ts';
import { compareVerb } from './compare.ts';
import { exploreVerb } from './explore.ts';
import { importVerb } from './import.ts';
import { PLUGIN_VERBS } from './plugin/verbs.ts';
import { explainVerb, pageVerb } from './page.ts';
import { runVerb } from './run.ts';
import { showVerb } from './show.ts';
import { switchesVerb } from './switches.ts';
import type { ExitCode, Terminal, Verb } from './verb.ts';

const OTHER_VERBS: readonly Verb[] = [
  runVerb,
  showVerb,
  pageVerb,
  explainVerb,
  importVerb,
  compareVerb,
  exploreVerb,
  switchesVerb,
  ...PLUGIN_VERBS,
];

/** Every verb with its options and a sentence: what help, parser and reference are made of. */
export const VERBS: readonly Verb[] = [...OTHER_VERBS, helpVerbOf(OTHER_VERBS)];

/** Runs one command line. Never throws. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { name, rest } = named(argv);
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    terminal.print(generalHelp(VERBS));
    return 0;
  }
  if (name === undefined) {
    terminal.say(`pfnlab: a verb is missing; ${helpHint()}`);
    return 2;
  }
  const family = VERBS.filter((one) => one.name.startsWith(`${name} `));
  if (family.length > 0 && ['--help', '-h'].includes(rest[0] ?? '')) {
    terminal.print(generalHelp(family, name));
    return 0;
  }
  const verb = VERBS.find((one) => one.name === name);
  if (!verb) {
    const unknown = family.length > 0 ? unfinished(name, family, rest[0]) : unknownVerb(name);
    terminal.say(`pfnlab: ${unknown}; ${helpHint()}`);
    return 2;
  }
  const parsed = parseArguments(verb, rest);
  if (!parsed.ok) {
    terminal.say(`pfnlab: ${verb.name}: ${parsed.message}; ${helpHint(verb)}`);
    return 2;
  }
  if (parsed.help) {
    terminal.print(verbHelp(verb));
    return 0;
  }
  try {
    return await verb.run(parsed.given, terminal);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    terminal.say(`pfnlab: ${verb.name}: ${message.split('\n')[0]}`);
    return 2;
  }
}

/** The verb that is meant: one word, or two where there is a verb of these. */
function named([first, second, ...rest]: readonly string[]) {
  const two = `${first} ${second}`;
  if (VERBS.some((verb) => verb.name === two)) return { name: two, rest };
  return { name: first, rest: second === undefined ? [] : [second, ...rest] };
}

/** One word of a verb of two, and another or none after it. */
function unfinished(name: string, family: readonly Verb[], word: string | undefined): string {
  const seconds = family.map((verb) => verb.name.slice(name.length + 1));
  const there = `there are ${seconds.join(', ')}`;
  if (word === undefined) return `${name}: a verb is missing; ${there}`;
  const meant = nearest(word, seconds);
  return `there is no "${name} ${word}"; ${meant ? `did you mean ${meant}?` : there}`;
}

function unknownVerb(name: string): string {
  if (name.startsWith('-')) return `${name} is no verb`;
  const meant = nearest(
    name,
    VERBS.map((verb) => verb.name),
  );
  return `there is no verb ${name}${meant ? `; did you mean ${meant}?` : ''}`;
}
