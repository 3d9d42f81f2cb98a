import { eraSwitch } from './switch.ts';
import { since } from './version.ts';

export const buddySwitches = {
  rmqueue_claim: eraSwitch({
    title: 'Falling back to another migratetype is __rmqueue_claim, then __rmqueue_steal',
    changed: [
      {
        commit: 'mm: page_alloc: speed up fallbacks in rmqueue_bulk()',
        release: '6.15',
      },
    ],
    value: ({ version }) => since(version, '6.15'),
  }),
} as const;
