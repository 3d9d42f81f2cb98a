import { since, steps } from './switch.ts';
import { subject } from './subject.ts';

export const p2pdma = subject('PCI peer-to-peer DMA', {
  pci_p2pdma_setup: steps({
    title: 'Name of the function that makes the pool of a provider',
    first: 'pci_p2pdma_setup',
    '7.2': {
      to: 'pci_p2pdma_setup_pool',
      commit: 'pci_p2pdma_setup_pool() in place of pci_p2pdma_setup()',
      between: ['6.12', '7.2'],
      untitled: true,
    },
  }),
  p2pdma_host_bridges: steps({
    title: 'Whether peers may talk through the host bridge, and whom it asks',
    first: 'none',
    '5.2': {
      to: 'root_complex',
      commit: 'PCI/P2PDMA: Allow P2P DMA between any devices under AMD ZEN Root Complex',
    },
    '5.4': { to: 'listed', commit: 'PCI/P2PDMA: Allow IOMMU for host bridge whitelist' },
  }),
  p2pdma_amd_by_family: since('5.9', {
    title: 'AMD CPUs are known by their family, not by the ids of their host bridges',
    commit: 'PCI/P2PDMA: Allow P2PDMA on AMD Zen and newer CPUs',
  }),
  p2pdma_ice_lake: since('5.18', {
    title: 'Host bridge 8086:09a2 is on the list',
    commit: 'PCI/P2PDMA: Add Intel 3rd Gen Intel Xeon Scalable Processors to whitelist',
  }),
  p2pdma_any_google: since('7.1', {
    title: 'Any host bridge of a Google SoC is on the list',
    commit: 'PCI/P2PDMA: Add Google SoCs to the P2P DMA host bridge list',
  }),
  p2pdma_intel_accelerators: since('7.2', {
    title: 'Intel DSA, IAA and QAT accelerators are on the list',
    commit: 'PCI/P2PDMA: Add Intel QAT, DSA, IAA devices to whitelist',
    backports: ['7.1.3'],
  }),
  p2pmem_allocate: since('6.2', {
    title: 'p2pmem/allocate in sysfs: mapping it gives user space peer memory',
    commit: 'PCI/P2PDMA: Allow userspace VMA allocations through sysfs',
  }),
  pci_disable_acs_redir: since('4.19', {
    title: 'pci=disable_acs_redir= clears ACS redirect of the devices it names',
    commit: 'PCI: Add "pci=disable_acs_redir=" parameter',
  }),
  p2pdma_in_dma_map: since('6.0', {
    title: 'dma_map_sgtable maps peer pages itself; before, drivers called pci_p2pdma_map_sg',
    commit: 'dma-direct: support PCI P2PDMA pages in dma-direct map_sg',
  }),
  nvme_cmb_alignment_checked: since('6.14', {
    title: 'nvme leaves a CMB alone that does not start and end on memremap_compat_align()',
    commit: 'nvme-pci: skip CMB blocks incompatible with PCI P2P DMA',
    backports: ['6.12.23', '6.1.134', '5.10.236'],
  }),
});
