import { since } from './switch.ts';
import { subject } from './subject.ts';

export const buddy = subject('The buddy allocator', {
  rmqueue_claim: since('6.15', {
    title: 'Falling back to another migratetype is __rmqueue_claim, then __rmqueue_steal',
    commit: 'mm: page_alloc: speed up fallbacks in rmqueue_bulk()',
    backports: ['6.12.29'],
  }),
});
