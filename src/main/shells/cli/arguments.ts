import { parseArgs } from 'node:util';
import { nearest } from '../../../shared/lab/suggest.ts';
import type { Arguments, OptionSpec, Verb } from './verb.ts';

export type Parsed =
  | { readonly ok: true; readonly help: boolean; readonly given: Arguments }
  | { readonly ok: false; readonly message: string };

/** Options every verb has besides its own. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  plugin: {
    value: 'PLUGIN',
    kind: 'list',
    text: 'use the plugin in that folder or .tgz file, and trust it for this run; may be repeated',
  },
  'without-plugin': {
    value: 'ID',
    kind: 'list',
    text: 'do without that plugin, its devices and what is asked of them; may be repeated',
  },
  trust: { text: 'trust for this run the plugins that the lab names by a path' },
  help: { text: 'say this' },
};

/** All options of a verb. */
export function optionsOf(verb: Verb): Readonly<Record<string, OptionSpec>> {
  return { ...verb.options, ...COMMON_OPTIONS };
}

/** Reads a verb's arguments; the first thing wrong with them is told in one sentence. */
export function parseArguments(verb: Verb, argv: readonly string[]): Parsed {
  const specs = optionsOf(verb);
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(specs).map(([name, { value }]) => [
        name,
        { type: value === undefined ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
  });
  const operands: string[] = [];
  const switches = new Set<string>();
  const values = new Map<string, string>();
  const numbers = new Map<string, number>();
  const pairs = new Map<string, readonly [string, string]>();
  const lists = new Map<string, readonly string[]>();
  /** The pair that waits for its second value. */
  let half: readonly [name: string, value: string] | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (half) pairs.set(half[0], [half[1], token.value]);
      else operands.push(token.value);
      half = undefined;
    }
    if (token.kind !== 'option') continue;
    if (half) break;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (!spec) return wrong(unknownOption(token.rawName, Object.keys(specs)));
    if (spec.value === undefined) {
      if (token.value !== undefined) return wrong(`--${token.name} takes no value`);
      switches.add(token.name);
      continue;
    }
    const { value } = token;
    const taken = token.inlineValue !== true && value?.startsWith('--');
    if (value === undefined || value === '' || taken) {
      return wrong(`--${token.name} takes a value: --${token.name} ${spec.value}`);
    }
    if (spec.kind === 'pair') {
      half = [token.name, value];
      continue;
    }
    if (spec.kind === 'list') {
      lists.set(token.name, [...(lists.get(token.name) ?? []), value]);
      continue;
    }
    values.set(token.name, value);
    if (spec.kind === 'number') {
      if (!/^\d{1,15}$/.test(value)) {
        return wrong(`--${token.name} takes a number from 0, not "${value}"`);
      }
      numbers.set(token.name, Number(value));
    }
  }
  if (half) return wrong(`--${half[0]} takes two values: --${half[0]} ${specs[half[0]]?.value}`);
  const given = { operands, switches, values, numbers, pairs, lists };
  if (switches.has('help')) return { ok: true, help: true, given };
  const [fewest, most] = verb.count;
  if (operands.length < fewest) {
    return wrong(
      operands.length === 0 ? `it takes ${verb.operands}` : `it takes all of ${verb.operands}`,
    );
  }
  if (operands.length > most)
    return wrong(`"${operands[most]}" is too much: it takes ${verb.operands || 'no operand'}`);
  return { ok: true, help: false, given };
}

function unknownOption(raw: string, known: readonly string[]): string {
  const meant = nearest(raw.replace(/^-+/, ''), known);
  return `unknown option ${raw}${meant ? `; did you mean --${meant}?` : ''}`;
}

function wrong(message: string): Parsed {
  return { ok: false, message };
}

/** A PFN as people write it, decimal or 0x hex; undefined when it is none a machine can have. */
export function readPfn(text: string): number | undefined {
  const match = /^(0x[0-9a-f]+|\d+)$/i.exec(text);
  const pfn = match ? Number(text) : NaN;
  // 64 address bits, 4 KiB pages.
  return pfn < 2 ** 52 ? pfn : undefined;
}
