import { VERBS } from '../../src/main/shells/cli/dispatch.ts';
import { COMMON_OPTIONS } from '../../src/main/shells/cli/arguments.ts';
import { blocks, code, fenced, plain, table } from './markdown.mjs';

/** @param {import('../../src/main/shells/cli/verb.ts').Verb['options']} options */
const optionTable = (options) =>
  table(
    ['option', 'does'],
    Object.entries(options).map(([name, { value, text }]) => [
      code(`--${name}${value === undefined ? '' : ` ${value}`}`),
      plain(text),
    ]),
  );

/** @type {import('./markdown.mjs').Page} */
export const commandLine = {
  title: 'Command line',
  text: () =>
    blocks(
      '`npm run -s lab -- VERB`. Paths are relative to where you stand; data goes to stdout, everything else to stderr. ' +
        'Exit code 0 when every expectation holds; 1 when one does not, or when an operation or a probe failed that ' +
        'nothing expects to; 2 for input that cannot be used.',
      'Every verb takes these:',
      optionTable(COMMON_OPTIONS),
      ...VERBS.map((verb) =>
        blocks(
          `## \`${verb.name}${verb.operands === '' ? '' : ` ${verb.operands}`}\``,
          `${plain(verb.summary)}.`,
          Object.keys(verb.options).length === 0 ? undefined : optionTable(verb.options),
          verb.notes === undefined ? undefined : fenced(verb.notes),
        ),
      ),
    ),
};
