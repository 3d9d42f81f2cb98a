import { steps } from './switch.ts';
import { subject } from './subject.ts';

export const page = subject('struct page', {
  fsdax_idle_refcount: steps({
    title: 'Reference count of an idle fsdax page',
    first: 1,
    '6.15': { to: 0, commit: 'fs/dax: properly refcount fs dax pages' },
  }),
});
