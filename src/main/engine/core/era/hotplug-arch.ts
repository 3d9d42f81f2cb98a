import { eraSwitch } from './switch.ts';
import { carries, since } from './version.ts';

/** Memory hotplug as architectures differ in it. */
export const hotplugArchSwitches = {
  hotplug_moves_max_pfn: eraSwitch({
    title: 'What added memory does to max_pfn: no, assigned (it may come down) or raised',
    changed: [
      {
        commit: 'arm64: mm: update max_pfn after memory hotplug',
        release: '5.16, and in 5.15.3, 5.14.19 and 5.10.80',
      },
      {
        commit: 'arm64: mm: Correct the update of max_pfn',
        release: '6.15, and in 6.14.2, 6.13.11, 6.12.23, 6.6.87 and 6.1.134',
      },
      {
        commit: 'powerpc/memhotplug: Add add_pages override for PPC',
        release: '5.19, and in 5.18.10, 5.15.53 and 5.10.129',
      },
      { commit: 'riscv: mm: Add memory hotplugging support', release: '6.11' },
    ],
    value: ({ version, arch }): string => {
      switch (arch) {
        case 'arm64':
          if (carries(version, '6.15', ['6.14.2', '6.13.11', '6.12.23', '6.6.87', '6.1.134'])) {
            return 'raised';
          }
          return carries(version, '5.16', ['5.15.3', '5.14.19', '5.10.80']) ? 'assigned' : 'no';
        case 'ppc64':
          return carries(version, '5.19', ['5.18.10', '5.15.53', '5.10.129']) ? 'raised' : 'no';
        case 'riscv64':
          return 'assigned';
        case 's390x':
        case 'x86_32':
          return 'no';
        default:
          return 'raised';
      }
    },
  }),
  arch_memory_hotplug: eraSwitch({
    title: 'The architecture can add memory: no, add only, or add and remove',
    changed: [
      { commit: 'arm64: Add memory hotplug support', release: '5.0' },
      { commit: 'arm64/mm: Enable memory hot remove', release: '5.7' },
      { commit: 'riscv: mm: Add memory hotplugging support', release: '6.11' },
      { commit: 'x86: remove memory hotplug support on X86_32', release: '5.16' },
    ],
    value: ({ version, arch }): string => {
      if (arch === 'arm64') {
        return since(version, '5.7') ? 'add and remove' : since(version, '5.0') ? 'add' : 'no';
      }
      if (arch === 'riscv64') return since(version, '6.11') ? 'add and remove' : 'no';
      if (arch === 'x86_32') return since(version, '5.16') ? 'no' : 'add and remove';
      return 'add and remove';
    },
  }),
  boot_memory_stays: eraSwitch({
    title: 'A notifier keeps memory of the boot from going offline',
    changed: [{ commit: 'arm64/mm: Enable memory hot remove', release: '5.7' }],
    value: ({ version, arch }) => arch === 'arm64' && since(version, '5.7'),
  }),
  vmemmap_parts_by_page: eraSwitch({
    title: 'The memmap of a part of a section is made of base pages, not of a whole PMD',
    changed: [
      { commit: 'mm/sparsemem: support sub-section hotplug', release: '5.3, x86' },
      {
        commit: 'arm64: mm: Populate vmemmap at the page level if not section aligned',
        release: '6.14, and in 6.13.8 and 6.12.20',
      },
    ],
    value: ({ version, arch }) =>
      arch.startsWith('x86') ||
      (arch === 'arm64' && carries(version, '6.14', ['6.13.8', '6.12.20'])),
  }),
} as const;
