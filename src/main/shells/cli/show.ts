import { KERNEL_FILES } from '../../../shared/bench/kernel-files.ts';
import { tableCsv, tableJson } from '../../../shared/world/copy.ts';
import { TABLES } from '../../../shared/world/tables.ts';
import { tableText } from '../../bench/inspect/table-text.ts';
import { inspectHandlers } from '../../bench/session/handlers/inspect.ts';
import type { OpenSession } from '../../bench/session/open-session.ts';
import { loadView, seekTo } from './load.ts';
import type { Arguments, Verb } from './verb.ts';

const FILES = KERNEL_FILES;

export const showVerb: Verb = {
  name: 'show',
  operands: 'FILE',
  count: [1, 1],
  summary: 'Print what the kernel would print of its memory',
  options: {
    iomem: { text: '/proc/iomem' },
    zoneinfo: { text: '/proc/zoneinfo' },
    buddyinfo: { text: '/proc/buddyinfo' },
    'memory-blocks': { text: 'the blocks of /sys/devices/system/memory' },
    memmap: { text: 'bytes the memory model costs, and who pays; no file of the kernel' },
    p2pmem: { text: 'peer memory of PCI devices, as their p2pmem directories have it' },
    dma: { text: 'live DMA mappings, as /sys/kernel/debug/dma-api/dump has them' },
    'swap-types': { text: 'who has the types of swap entries; no file of the kernel' },
    pins: {
      text: 'pages held by get_user_pages and pin_user_pages, by whom; no file of the kernel',
    },
    files: {
      text: 'what is mounted, and the blocks and cached pages of every file; no file of the kernel',
    },
    maps: { text: '/proc/PID/maps of every process' },
    smaps: { text: '/proc/PID/smaps of every process' },
    pagemap: { text: '/proc/PID/pagemap of every process, a line for each run of pages' },
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
    const view = await loadView(given.operands[0] ?? '', terminal);
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
  const schema = TABLES.find(({ name }) => name === table);
  if (!schema) {
    return `there is no table "${table}"; there are ${TABLES.map(({ name }) => name).join(', ')}`;
  }
  if (json && csv) return 'it takes --json or --csv, not both';
  const write = json ? tableJson : csv ? tableCsv : tableText;
  return ({ session }) => write(schema, session.cursor.world.rows(schema.name));
}
