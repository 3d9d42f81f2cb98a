import { batchImport } from '../../bench/batch/import.ts';
import { looseText, readInput } from './input-file.ts';
import type { Verb } from './verb.ts';

export const importVerb: Verb = {
  name: 'import',
  operands: 'FILE...',
  count: [1, 64],
  summary:
    "Print a lab made from a real machine's files: its boot log, /proc/iomem, /proc/zoneinfo",
  options: {
    kernel: { value: 'VERSION', text: 'the kernel to model instead of the one in the log' },
    arch: { value: 'ARCH', text: 'the architecture, where no file tells it' },
  },
  notes: [
    'The machine is built from what firmware and the command line said. Lines in which the kernel',
    'states results become expectations. What was not used is listed on stderr with its line.',
    'FILE - is standard input.',
  ].join('\n'),
  run(given, terminal) {
    const files = [];
    let failed = false;
    for (const name of given.operands) {
      const input = readInput(name, terminal);
      if (input.ok) files.push({ name: input.name, text: looseText(input.bytes) });
      else {
        failed = true;
        terminal.say(input.message);
      }
    }
    if (failed) return 2;
    const { yaml, notes, problems } = batchImport(files, {
      kernel: given.values.get('kernel'),
      arch: given.values.get('arch'),
    });
    for (const line of [...notes, ...problems]) terminal.say(line);
    if (yaml === undefined) return 2;
    terminal.print(yaml);
    return 0;
  },
};
