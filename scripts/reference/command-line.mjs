import { VERBS } from '../../src/main/shells/cli/dispatch.ts';
import { optionsOf } from '../../src/main/shells/cli/arguments.ts';
import { blocks, code, fenced, plain, table } from './markdown.mjs';

/** @type {import('./markdown.mjs').Page} */
export const commandLine = {
  title: 'Command line',
  text: () =>
    blocks(
      '`npm run -s lab -- VERB`. Paths are relative to where you stand; data goes to stdout, everything else to stderr. ' +
        'Exit code 0 when every expectation holds; 1 when one does not, or when an operation or a probe failed that ' +
        'nothing expects to; 2 for input that cannot be used.',
      ...VERBS.map((verb) =>
        blocks(
          `## \`${verb.name}${verb.operands === '' ? '' : ` ${verb.operands}`}\``,
          `${plain(verb.summary)}.`,
          table(
            ['option', 'does'],
            Object.entries(optionsOf(verb)).map(([name, { value, text }]) => [
              code(`--${name}${value === undefined ? '' : ` ${value}`}`),
              plain(text),
            ]),
          ),
          verb.notes === undefined ? undefined : fenced(verb.notes),
        ),
      ),
    ),
};
