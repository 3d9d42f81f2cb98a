import { KERNEL_FILE_NAMES, KERNEL_FILES } from '../../../shared/bench/kernel-files.ts';
import { TABLE_NAMES } from '../../../shared/world/tables.ts';
import { inspectHandlers } from '../../bench/session/handlers/inspect.ts';
import type { OpenSession } from '../../bench/session/open-session.ts';
import { loadView, seekTo } from './load.ts';
import type { Arguments, Verb } from './verb.ts';

const FILES = KERNEL_FILE_NAMES;

export const showVerb: Verb = {
  name: 'show',
  operands: 'FILE',
  count: [1, 1],
  summary: 'Print what the kernel would print of its memory',
  options: {
    ...Object.fromEntries(FILES.map((name) => [name, { text: KERNEL_FILES[name] }])),
    table: { value: 'NAME', text: 'the records of one of the model’s tables' },
    json: { text: 'with --table: as JSON' },
    csv: { text: 'with --table: as CSV' },
    at: { value: 'N', kind: 'number', text: 'as after step N instead of at the end' },
  },
  notes: 'What the machine does not determine prints as -.',
  async run(given, terminal) {
    const print = printer(given);
    if (typeof print === 'string') {
      terminal.say(`pfnlab: show: ${print}`);
      return 2;
    }
    const view = await loadView(given.operands[0] ?? '', given, terminal);
    if (!view) return 2;
    await seekTo(view, given.numbers.get('at'));
    terminal.print(await print(view.open));
    return 0;
  },
};

type Printer = (of: OpenSession) => string | Promise<string>;

/** How what is asked for is printed, or what is wrong with what is asked for. */
function printer({ switches, values }: Arguments): Printer | string {
  const [file, another] = FILES.filter((one) => switches.has(one));
  const table = values.get('table');
  if (another !== undefined || (file === undefined) === (table === undefined)) {
    return `it takes one of ${FILES.map((one) => `--${one}`).join(', ')}, --table`;
  }
  const [json, csv] = [switches.has('json'), switches.has('csv')];
  if (file !== undefined) {
    if (json || csv) return '--json and --csv go with --table';
    return async (open) => {
      const { lines } = await inspectHandlers.text(open, { file });
      return lines.map(({ text }) => `${text}\n`).join('');
    };
  }
  const name = TABLE_NAMES.find((one) => one === table);
  if (!name) return `there is no table "${table}"; there are ${TABLE_NAMES.join(', ')}`;
  if (json && csv) return 'it takes --json or --csv, not both';
  const format = json ? 'json' : csv ? 'csv' : 'columns';
  return async (open) => (await inspectHandlers.table(open, { table: name, format })).text;
}
