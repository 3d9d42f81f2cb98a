import { FIRMWARE_SERVICES } from '../../../../shared/plugins/services/firmware.ts';
import { driverServices, serve } from '../device/services.ts';
import { memory_add_physaddr_to_nid, phys_to_target_node } from '../numa/target-node.ts';
import { acpi_table_parse_cedt } from './windows.ts';

/** Firmware tables, as drivers read them. */
export const firmwareServices = driverServices(FIRMWARE_SERVICES, {
  acpi_table_parse_cedt: serve(acpi_table_parse_cedt),
  phys_to_target_node: serve(phys_to_target_node),
  memory_add_physaddr_to_nid: serve(memory_add_physaddr_to_nid),
});
