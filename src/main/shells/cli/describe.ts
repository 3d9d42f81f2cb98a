import {
  declarationViews,
  invariantViews,
  type DeclarationView,
} from '../../../shared/lab/declarations.ts';
import type { FieldView } from '../../../shared/lab/fields.ts';
import { nearest } from '../../../shared/lab/suggest.ts';
import { vocabularyViews } from '../../../shared/lab/vocabulary.ts';
import { pluginViews } from '../../../shared/plugins/declaration-views.ts';
import { vocabulary } from '../../bench/inspect/vocabulary.ts';
import { pluginSet } from '../../bench/session/plugin-set.ts';
import { columns, verbHelp } from './help.ts';
import { sourcesOf } from './sources.ts';
import type { Arguments, Terminal, Verb } from './verb.ts';

/** What can be asked for, and what is told of it. */
interface Told {
  readonly name: string;
  text(): string;
}

/** The verb that tells of everything that has a name: what is declared, and these verbs and itself. */
export function helpVerbOf(others: readonly Verb[]): Verb {
  const verb: Verb = {
    name: 'help',
    operands: 'NAME',
    count: [1, 2],
    summary: 'Tell of a word of labs, of the plugin API or of this command line',
    options: {},
    notes: [
      'NAME is an operation, expectation, invariant, device model, action (MODEL.ACTION) or switch of a lab,',
      'a service or callback of a hardware model, or a verb.',
    ].join('\n'),
    async run(given, terminal) {
      const name = given.operands.join(' ');
      const all = await everything(given, terminal, [...others, verb]);
      const found = all.filter((one) => one.name === name);
      if (found.length > 0) {
        terminal.print(found.map((one) => one.text()).join('\n'));
        return 0;
      }
      const names = all.map((one) => one.name);
      terminal.say(`pfnlab: help: there is no ${name}; ${hint(name, names)}`);
      return 2;
    },
  };
  return verb;
}

async function everything(
  given: Arguments,
  terminal: Terminal,
  verbs: readonly Verb[],
): Promise<Told[]> {
  const { found: here } = await pluginSet(sourcesOf(given, terminal).plugins);
  const named = here.flatMap(({ place, candidate }) =>
    place === 'named' ? candidate.manifest : [],
  );
  const views = [
    ...declarationViews(),
    ...invariantViews(),
    ...vocabularyViews(vocabulary(terminal.root, named)),
    ...pluginViews(),
  ];
  return [
    ...views.map((view) => ({ name: view.name, text: () => describeText(view) })),
    ...verbs.map((verb) => ({ name: verb.name, text: () => verbHelp(verb) })),
  ];
}

/** What may have been meant: a name without what stands before it, or the nearest. */
function hint(name: string, names: readonly string[]): string {
  const meant = names.filter((one) => one.endsWith(`.${name}`) || one.endsWith(` ${name}`));
  const near = meant.length > 0 ? meant.join(' or ') : nearest(name, names);
  return near ? `did you mean ${near}?` : 'docs/reference lists what it tells of';
}

/** A declaration as text: what it is, its fields, its errors, an example. */
function describeText(view: DeclarationView): string {
  const { name, kind, title, description, by, since, fields, fails, example } = view;
  const facts = [
    ...(by === '' ? [] : [`by: ${by}`]),
    ...(since === '' ? [] : [`since: ${since}`]),
  ].join('   ');
  return [
    `${name} (${kind}): ${title}.`,
    ...(description === '' ? [] : ['', description]),
    ...(facts === '' ? [] : [facts]),
    ...fields.flatMap(({ heading, fields: listed }) =>
      listed.length === 0 ? [] : ['', `${heading}:`, ...columns(listed.map(fieldRow))],
    ),
    ...(fails.length === 0
      ? []
      : ['', 'Errors:', ...columns(fails.map(({ errno, why }) => [errno, why]))]),
    ...(example === '' ? [] : ['', 'Example:', `  - ${example}`]),
    '',
  ].join('\n');
}

function fieldRow({ name, kind, unit, description, required, fallback }: FieldView): string[] {
  const isSaid = kind.toLowerCase().includes(unit.toLowerCase());
  const of = isSaid ? kind : `${kind}, ${unit}`;
  const rest = required ? ' (must be given)' : fallback === '' ? '' : ` (default: ${fallback})`;
  return [`${name}: ${of}`, `${description}${rest}`];
}
