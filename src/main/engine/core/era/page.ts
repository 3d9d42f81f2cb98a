import { eraSwitch } from './switch.ts';
import { since } from './version.ts';

export const pageSwitches = {
  fsdax_idle_refcount: eraSwitch({
    title: 'Reference count of an idle fsdax page',
    changed: [
      {
        commit: 'fs/dax: properly refcount fs dax pages',
        release: '6.15',
      },
    ],
    value: ({ version }) => (since(version, '6.15') ? 0 : 1),
  }),
} as const;
