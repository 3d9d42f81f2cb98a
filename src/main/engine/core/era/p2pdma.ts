import { eraSwitch } from './switch.ts';
import { since } from './version.ts';

/** PCI peer-to-peer DMA. */
export const p2pdmaSwitches = {
  p2pdma_host_bridges: eraSwitch({
    title: 'Whether peers may talk through the host bridge, and whom it asks',
    changed: [
      {
        commit: 'PCI/P2PDMA: Allow P2P DMA between any devices under AMD ZEN Root Complex',
        release: '5.2',
      },
      { commit: 'PCI/P2PDMA: Allow IOMMU for host bridge whitelist', release: '5.4' },
    ],
    value: ({ version }) =>
      since(version, '5.4') ? 'listed' : since(version, '5.2') ? 'root_complex' : 'none',
  }),
  p2pdma_amd_by_family: eraSwitch({
    title: 'AMD CPUs are known by their family, not by the ids of their host bridges',
    changed: [
      {
        commit: 'PCI/P2PDMA: Allow P2PDMA on AMD Zen and newer CPUs',
        release: 'between 5.3 and 5.14',
      },
    ],
    value: ({ version }) => since(version, '5.9'),
  }),
  p2pdma_ice_lake: eraSwitch({
    title: 'Host bridge 8086:09a2 is on the list',
    changed: [
      {
        commit: 'PCI/P2PDMA: Add Intel 3rd Gen Intel Xeon Scalable Processors to whitelist',
        release: 'between 5.14 and 6.12',
      },
    ],
    value: ({ version }) => since(version, '5.18'),
  }),
  p2pdma_any_google: eraSwitch({
    title: 'Any host bridge of a Google SoC is on the list',
    changed: [
      {
        commit: 'drivers/pci/p2pdma.c, entry "Google SoCs" (title not confirmed)',
        release: 'between 6.12 and 7.2',
      },
    ],
    value: ({ version }) => since(version, '7.2'),
  }),
  p2pdma_intel_accelerators: eraSwitch({
    title: 'Intel DSA, IAA and QAT accelerators are on the list',
    changed: [
      {
        commit: 'drivers/pci/p2pdma.c, entries for Intel DSA, IAA and QAT (title not confirmed)',
        release: 'between 6.18 and 7.2',
      },
    ],
    value: ({ version }) => since(version, '7.2'),
  }),
  p2pmem_allocate: eraSwitch({
    title: 'p2pmem/allocate in sysfs: mapping it gives user space peer memory',
    changed: [
      {
        commit: 'PCI/P2PDMA: Allow userspace VMA allocations through sysfs',
        release: '6.2',
      },
    ],
    value: ({ version }) => since(version, '6.2'),
  }),
  pci_disable_acs_redir: eraSwitch({
    title: 'pci=disable_acs_redir= clears ACS redirect of the devices it names',
    changed: [{ commit: 'PCI: Add "pci=disable_acs_redir=" parameter', release: '4.19' }],
    value: ({ version }) => since(version, '4.19'),
  }),
  p2pdma_in_dma_map: eraSwitch({
    title: 'dma_map_sgtable maps peer pages itself; before, drivers called pci_p2pdma_map_sg',
    changed: [
      { commit: 'dma-direct: support PCI P2PDMA pages in dma-direct map_sg', release: '6.0' },
    ],
    value: ({ version }) => since(version, '6.0'),
  }),
  nvme_cmb_alignment_checked: eraSwitch({
    title: 'nvme leaves a CMB alone that does not start and end on memremap_compat_align()',
    changed: [
      {
        commit: 'nvme-pci: skip CMB blocks incompatible with PCI P2P DMA',
        release: '6.14',
      },
    ],
    value: ({ version }) => since(version, '6.14'),
  }),
} as const;
