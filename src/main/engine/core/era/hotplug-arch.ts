import { since, steps } from './switch.ts';
import { subject } from './subject.ts';

export const hotplugArch = subject('Memory hotplug as architectures differ in it', {
  hotplug_moves_max_pfn: steps({
    title: 'What added memory does to max_pfn: no, assigned (it may come down) or raised',
    also: { '6.11': 'riscv: mm: Add memory hotplugging support' },
    first: {
      arm64: 'no',
      ppc64: 'no',
      s390x: 'no',
      x86_32: 'no',
      riscv64: 'assigned',
      others: 'raised',
    },
    '5.16': {
      to: 'assigned',
      arch: ['arm64'],
      commit: 'arm64: mm: update max_pfn after memory hotplug',
      backports: ['5.15.3', '5.14.19', '5.10.80'],
    },
    '5.19': {
      to: 'raised',
      arch: ['ppc64'],
      commit: 'powerpc/memhotplug: Add add_pages override for PPC',
      backports: ['5.18.10', '5.15.53', '5.10.129'],
    },
    '6.15': {
      to: 'raised',
      arch: ['arm64'],
      commit: 'arm64: mm: Correct the update of max_pfn',
      backports: ['6.14.2', '6.13.11', '6.12.23', '6.6.87', '6.1.134'],
    },
  }),
  arch_memory_hotplug: steps({
    title: 'The architecture can add memory: no, add only, or add and remove',
    first: { arm64: 'no', riscv64: 'no', others: 'add and remove' },
    '5.0': { to: 'add', arch: ['arm64'], commit: 'arm64: Add memory hotplug support' },
    '5.7': { to: 'add and remove', arch: ['arm64'], commit: 'arm64/mm: Enable memory hot remove' },
    '5.16': {
      to: 'no',
      arch: ['x86_32'],
      commit: 'x86: remove memory hotplug support on X86_32',
    },
    '6.11': {
      to: 'add and remove',
      arch: ['riscv64'],
      commit: 'riscv: mm: Add memory hotplugging support',
    },
  }),
  boot_memory_stays: since('5.7', {
    title: 'A notifier keeps memory of the boot from going offline',
    arch: ['arm64'],
    commit: 'arm64/mm: Enable memory hot remove',
  }),
  vmemmap_parts_by_page: steps({
    title: 'The memmap of a part of a section is made of base pages, not of a whole PMD',
    also: { '5.3': 'mm/sparsemem: support sub-section hotplug' },
    first: { x86_64: true, x86_32: true, others: false },
    '6.14': {
      to: true,
      arch: ['arm64'],
      commit: 'arm64: mm: Populate vmemmap at the page level if not section aligned',
      backports: ['6.13.8', '6.12.20'],
    },
  }),
});
