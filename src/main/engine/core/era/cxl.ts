import { since } from './switch.ts';
import { subject } from './subject.ts';

export const cxl = subject('CXL: windows, regions, and the memory they become', {
  cfmws_nodes_possible: since('6.1', {
    title: 'A CXL window that SRAT does not describe has a node of its own, to be used later',
    commit: "ACPI: NUMA: Add CXL CFMWS 'nodes' to the possible nodes set",
    backports: ['6.0.8'],
  }),
  cfmws_filled_from_srat: since('6.7', {
    title: 'A CXL window that SRAT describes in part belongs to that node as a whole',
    commit: 'ACPI/NUMA: Apply SRAT proximity domain to entire CFMWS window',
    backports: ['6.5.12', '6.1.63'],
  }),
  memory_block_advised: since('6.15', {
    title: 'The size of memory blocks follows the alignment of CXL windows',
    commit: 'acpi,srat: give memory block size advice based on CFMWS alignment',
    between: ['6.12', '7.2'],
  }),
  target_node_reserved_first: since('7.0', {
    title: 'A CXL window between two pieces of RAM of one node keeps its own node',
    commit: 'mm: numa_memblks: Identify the accurate NUMA ID of CFMW',
    backports: ['6.12.75'],
    between: ['6.12', '7.2'],
  }),
  cxl_regions: since('6.0', {
    title: 'Regions of persistent CXL memory can be made',
    commit: 'cxl/region: Add region creation support',
  }),
  cxl_ram_regions: since('6.3', {
    title: 'Regions of volatile CXL memory can be made, and those of firmware are found',
    commit: [
      'cxl/region: Add volatile region creation support',
      'cxl/region: Add region autodiscovery',
    ],
    between: ['6.1', '6.12'],
  }),
  dax_kmem_default: since('6.3', {
    title: 'Soft Reserved memory becomes system RAM by default, not a character device',
    commit: 'dax: Assign RAM regions to memory-hotplug by default',
    between: ['6.1', '6.12'],
  }),
  hmem_waits_for_cxl: since('7.1', {
    title:
      'Soft Reserved memory in a CXL window waits for CXL, and stays a DAX device where no region has it',
    commit: 'dax/hmem: Defer handling of Soft Reserved ranges that overlap CXL windows',
    between: ['6.12', '7.2'],
  }),
});
