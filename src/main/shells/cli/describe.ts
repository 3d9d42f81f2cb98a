import { declarationViews, type DeclarationView } from '../../../shared/lab/declarations.ts';
import type { FieldView } from '../../../shared/lab/fields.ts';
import { nearest } from '../../../shared/lab/suggest.ts';
import { vocabularyViews } from '../../../shared/lab/vocabulary.ts';
import { vocabulary } from '../../bench/inspect/vocabulary.ts';
import { pluginSet } from '../../bench/session/plugin-set.ts';
import { columns } from './help.ts';
import { sourcesOf } from './sources.ts';
import type { Verb } from './verb.ts';

export const helpVerb: Verb = {
  name: 'help',
  operands: 'NAME',
  count: [1, 1],
  summary:
    'Tell of an operation, expectation, device model, action (MODEL.ACTION) or switch of a lab',
  options: {},
  async run(given, terminal) {
    const [name = ''] = given.operands;
    const { found: here } = await pluginSet(sourcesOf(given, terminal).plugins);
    const named = here.flatMap(({ place, candidate }) =>
      place === 'named' ? candidate.manifest : [],
    );
    const all = [...declarationViews(), ...vocabularyViews(vocabulary(terminal.root, named))];
    const found = all.filter((one) => one.name === name);
    if (found.length > 0) {
      terminal.print(found.map(describeText).join('\n'));
      return 0;
    }
    const names = all.map((one) => one.name);
    const meant = names.filter((one) => one.endsWith(`.${name}`));
    const near = meant.length > 0 ? meant.join(' or ') : nearest(name, names);
    const hint = near
      ? `did you mean ${near}?`
      : `it tells of operations, expectations, models, actions and switches: docs/reference lists them`;
    terminal.say(`pfnlab: help: there is no ${name} in a lab; ${hint}`);
    return 2;
  },
};

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
  const of = unit === '' || kind === unit || unit === 'PFN' ? kind : `${kind}, ${unit}`;
  const rest = required ? ' (must be given)' : fallback === '' ? '' : ` (default: ${fallback})`;
  return [`${name}: ${of}`, `${description}${rest}`];
}
