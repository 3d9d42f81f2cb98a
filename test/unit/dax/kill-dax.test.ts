import { expect, it } from 'vitest';
import { runLab } from '../hmm/lab-run.ts';

const VA = '0x7f0000000000';

it.each(['4.14', '5.14', '6.12', '7.2'])(
  'kill_dax on %s waits for a fault that is inside, whose entry then goes with the others',
  async (version) => {
    const wrong = await runLab({
      version,
      devices: [
        '{ id: nvdimm0, model: nvdimm, node: 0, range: { start: 0x100000000, size: 256MiB } }',
      ],
      program: [
        'nvdimm0.create-namespace: { mode: devdax, map: mem }',
        `{ actor: app, do: mmap, file: /dev/dax0.0, at: ${VA}, size: 2MiB, shared: true }`,
        `concurrently: [
          { actor: app, do: read, va: ${VA}, catch: true },
          { actor: admin, do: nvdimm0.unbind } ]`,
      ],
      rest: [
        'schedule:',
        '  - hold: { actor: app, at: __dev_dax_pmd_fault }',
        '  - run: { actor: app }',
        '  - run: { actor: admin }',
        '  - release: app',
        'expect:',
        `  - pte: { actor: app, va: ${VA}, exists: false }`,
        '  - pgmap: { start: 0x100000000, end: 0x10fffffff, exists: false }',
      ],
    });
    expect(wrong).toEqual([]);
  },
);
