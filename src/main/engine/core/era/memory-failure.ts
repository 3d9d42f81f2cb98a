import { since } from './switch.ts';
import { subject } from './subject.ts';

export const memoryFailure = subject('What the kernel does with a page whose memory is damaged', {
  memory_failure_dev_pagemap: since('4.19', {
    title: 'memory_failure knows device pages; before, it takes them for pages of the kernel',
    commit: 'mm, memory_failure: Teach memory_failure() about dev_pagemap pages',
  }),
  memory_failure_altmap: since('5.12', {
    title: 'Pages that hold the memmap of a pagemap are told apart from its data',
    commit: 'mm: fix memory_failure() handling of dax-namespace metadata',
    backports: ['5.10.20'],
  }),
  memory_failure_op: since('6.0', {
    title: 'dev_pagemap_ops has memory_failure: the driver, and through it a filesystem, is asked',
    commit: 'pagemap,pmem: introduce ->memory_failure()',
  }),
});
