import { declarationViews } from '../../src/shared/lab/declarations.ts';
import { INVARIANTS } from '../../src/shared/lab/invariants.ts';
import { declarationSection } from './fields.mjs';
import { blocks, code, plain, table } from './markdown.mjs';

/** @type {import('./markdown.mjs').Page} */
export const expectations = {
  title: 'Expectations and invariants',
  text: () =>
    blocks(
      'What an entry of `expect:` can say of the world, at the end of a lab or at an entry of its program. Only the ' +
        'fields that are written are compared; with none of them the thing must be there.',
      ...declarationViews()
        .filter(({ kind }) => kind === 'expectation')
        .map(declarationSection),
      '## Invariants',
      'Checked after every step of every run; the step that breaks one ends it, unless the lab says `invariants: report`.',
      table(
        ['invariant', 'what must hold'],
        Object.entries(INVARIANTS).map(([id, holds]) => [code(id), plain(holds)]),
      ),
    ),
};
