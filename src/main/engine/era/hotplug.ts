import { eraSwitch } from './switch.ts';
import { carries, since } from './version.ts';

export const hotplugSwitches = {
  subsection_hotplug: eraSwitch({
    title: 'Device memory is added in 2 MiB sub-sections instead of whole sections',
    changed: [{ commit: 'mm/sparsemem: support sub-section hotplug', release: '5.3' }],
    value: ({ version }) => since(version, '5.3'),
  }),
  device_memory_moves_max_pfn: eraSwitch({
    title: 'Memory added for a pagemap moves max_pfn, max_low_pfn and high_memory',
    changed: [
      {
        commit: 'x86/mm/init: Handle the special case of device private pages in add_pages()',
        release: 'between 6.14 and 6.18, and in 6.1.192 and 6.12.117',
      },
    ],
    value: ({ version, arch }) =>
      arch !== 'x86_64' || !carries(version, '6.15', ['6.1.192', '6.12.117']),
  }),
} as const;
