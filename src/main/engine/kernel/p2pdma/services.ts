import { PCI_SERVICES } from '../../../../shared/plugins/services/pci.ts';
import { asGiven, driverServices, serve } from '../device/services.ts';
import { pci_p2pdma_distance_many, pci_p2pmem_find_many } from './distance.ts';
import {
  pci_alloc_p2pmem,
  pci_free_p2pmem,
  pci_p2pdma_add_resource,
  pci_p2pdma_release,
  pci_p2pmem_publish,
} from './provider.ts';
import { pci_p2pmem_alloc_sgl, pci_p2pmem_free_sgl } from './scatterlist.ts';
import { pci_device_add, pci_register_host_bridge, pci_write_acs_ctrl } from './topology.ts';

/** The kernel functions around PCI topology and peer-to-peer DMA that models call. */
export const pciServices = driverServices(PCI_SERVICES, {
  pci_register_host_bridge: serve(pci_register_host_bridge, (args, { id }) => {
    return { ...args, device: id };
  }),
  pci_device_add: serve(pci_device_add, (args, { id }) => ({ ...args, device: id })),
  pci_write_acs_ctrl: serve(pci_write_acs_ctrl),
  pci_p2pdma_add_resource: serve(pci_p2pdma_add_resource),
  pci_p2pdma_release: serve(pci_p2pdma_release),
  pci_p2pmem_publish: serve(pci_p2pmem_publish),
  pci_alloc_p2pmem: serve(pci_alloc_p2pmem),
  pci_free_p2pmem: serve(pci_free_p2pmem),
  pci_p2pdma_distance_many: serve(
    pci_p2pdma_distance_many,
    asGiven,
    // -1 means too far, not -EPERM.
    (distance) => ({ distance }),
  ),
  pci_p2pmem_find_many: serve(pci_p2pmem_find_many),
  pci_p2pmem_alloc_sgl: serve(pci_p2pmem_alloc_sgl, asGiven, (sg) => sg && { sg }),
  pci_p2pmem_free_sgl: serve(pci_p2pmem_free_sgl),
});
