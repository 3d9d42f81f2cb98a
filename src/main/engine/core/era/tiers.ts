import { since } from './switch.ts';
import { subject } from './subject.ts';

export const tiers = subject('Memory tiers: how far memory is', {
  memory_tiers: since('6.1', {
    title: 'Nodes are in memory tiers by their abstract distance',
    commit: 'mm/demotion: add support for explicit memory tiers',
    between: ['5.10', '6.1'],
  }),
  adistance_of_hmat: since('6.7', {
    title: 'The abstract distance of a node follows latency and bandwidth of HMAT',
    commit: [
      'memory tiering: add abstract distance calculation algorithms management',
      'acpi, hmat: calculate abstract distance with HMAT',
    ],
    between: ['6.1', '6.12'],
  }),
  adistance_of_cxl_region: since('6.11', {
    title: 'The abstract distance of a CXL region follows what its memory devices say',
    commit: 'cxl/region: Support to calculate memory tier abstract distance',
    between: ['6.1', '6.12'],
  }),
});
