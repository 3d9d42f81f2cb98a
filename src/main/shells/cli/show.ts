import { KERNEL_FILES } from '../../../shared/bench/kernel-files.ts';
import { kernelText } from '../../bench/inspect/kernel-text.ts';
import { loadView, seekTo } from './load.ts';
import type { Verb } from './verb.ts';

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
    at: { value: 'N', kind: 'number', text: 'as after step N instead of at the end' },
  },
  notes: 'What the machine does not determine prints as -.',
  async run(given, terminal) {
    const asked = FILES.filter((file) => given.switches.has(file));
    const [file] = asked;
    if (file === undefined || asked.length > 1) {
      const all = FILES.map((one) => `--${one}`).join(', ');
      terminal.say(`pfnlab: show: it takes one of ${all}`);
      return 2;
    }
    const view = await loadView(given.operands[0] ?? '', terminal);
    if (!view || !seekTo(view, given.numbers.get('at'), terminal)) return 2;
    terminal.print(kernelText(view.session.inspection(), file));
    return 0;
  },
};
