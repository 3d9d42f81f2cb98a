import { declarationViews } from '../../src/shared/lab/declarations.ts';
import { declarationSection } from './fields.mjs';
import { blocks } from './markdown.mjs';

/** @type {import('./markdown.mjs').Page} */
export const operations = {
  title: 'Operations of a program',
  text: () =>
    blocks(
      'What an entry of `program:` can ask for, besides the actions of [devices](devices.md). An entry is a name, ' +
        '`{ name: arguments }`, or `{ actor, do: name, ...arguments }`; any may carry its own `expect`, which may name ' +
        'fields of the result. `concurrently: [...]` holds entries of several actors that may interleave.',
      ...declarationViews()
        .filter(({ kind }) => kind === 'operation')
        .map(declarationSection),
    ),
};
