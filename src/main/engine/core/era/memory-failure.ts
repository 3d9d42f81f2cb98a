import { eraSwitch } from './switch.ts';
import { since } from './version.ts';

/** What the kernel does with a page whose memory is damaged. */
export const memoryFailureSwitches = {
  memory_failure_dev_pagemap: eraSwitch({
    title: 'memory_failure knows device pages; before, it takes them for pages of the kernel',
    changed: [
      {
        commit: 'mm, memory_failure: Teach memory_failure() about dev_pagemap pages',
        release: '4.19',
      },
    ],
    value: ({ version }) => since(version, '4.19'),
  }),
  memory_failure_altmap: eraSwitch({
    title: 'Pages that hold the memmap of a pagemap are told apart from its data',
    changed: [
      {
        commit: 'mm: fix memory_failure() handling of dax-namespace metadata',
        release: '5.12',
      },
    ],
    value: ({ version }) => since(version, '5.12'),
  }),
  memory_failure_op: eraSwitch({
    title: 'dev_pagemap_ops has memory_failure: the driver, and through it a filesystem, is asked',
    changed: [{ commit: 'pagemap,pmem: introduce ->memory_failure()', release: '6.0' }],
    value: ({ version }) => since(version, '6.0'),
  }),
} as const;
