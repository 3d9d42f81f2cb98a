import { COMMON_OPTIONS } from './arguments.ts';
import type { Verb } from './verb.ts';

const COMMAND = 'npm run -s lab --';

/** How to ask for the help of a verb, or of all. */
export function helpHint(verb?: Verb): string {
  return `"${COMMAND}${verb ? ` ${verb.name}` : ''} --help" says what there is`;
}

export function generalHelp(verbs: readonly Verb[], family = ''): string {
  const rows = verbs.map(({ name, operands, summary }) => [`${name} ${operands}`.trim(), summary]);
  return [
    `${COMMAND} ${family === '' ? '' : `${family} `}VERB ...`,
    '',
    'A lab bench for Linux physical memory, without its window.',
    '',
    ...columns(rows),
    '',
    `${COMMAND} VERB --help tells of one verb.`,
    'A FILE is a lab (*.lab.yaml) or a recording (*.pfnlab).',
    'Exit code: 0 when every expectation holds, 1 when one does not or an operation fails that nothing',
    'expects to, 2 for input that cannot be used.',
    '',
  ].join('\n');
}

export function verbHelp(verb: Verb): string {
  const rows = (options: Verb['options']) =>
    Object.entries(options).map(([name, { value, text }]) => [
      `--${name}${value === undefined ? '' : ` ${value}`}`,
      text,
    ]);
  return [
    `${COMMAND} ${verb.name}${verb.operands === '' ? '' : ` ${verb.operands}`} [OPTION...]`,
    '',
    `${verb.summary}.`,
    '',
    ...columns([...rows(verb.options), ...rows(COMMON_OPTIONS)]),
    ...(verb.notes === undefined ? [] : ['', verb.notes]),
    '',
  ].join('\n');
}

/** Rows of two columns, indented. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}   ${right}`.trimEnd());
}
