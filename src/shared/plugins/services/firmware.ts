/** What firmware says of memory: CXL windows and nodes. */
import { z } from 'zod';
import { WINDOW_RESTRICTIONS } from '../../lab/machine.ts';
import * as d from '../declaration.ts';

const window = d.range
  .extend({
    resource: d.integer.describe('Id of "CXL Window N" in the resource tree'),
    targets: d.list(d.integer).describe('_UID of the host bridges it interleaves over, in order'),
    granularity: d.bytes.describe('Bytes in a row that go to one host bridge'),
    restrictions: d.list(z.enum(WINDOW_RESTRICTIONS)).describe('What memory may be mapped there'),
    qtg: d.integer.describe('QoS Throttling Group'),
  })
  .meta({ id: 'CxlWindow', description: 'A CXL Fixed Memory Window with its root decoder' });

const place = z.strictObject({ start: d.address.describe('Any byte of the memory') });

export const FIRMWARE_SERVICES = {
  acpi_table_parse_cedt: {
    title: 'Read the CXL windows',
    description:
      'The windows of the CEDT that the kernel decodes, in its order. None without CONFIG_CXL_ACPI.',
    args: z.strictObject({ id: z.enum(['CFMWS']).describe('Which of its structures') }),
    returns: d.list(window),
    fails: {},
  },
  phys_to_target_node: {
    title: 'Ask which node memory would be on',
    description: 'The node that SRAT or a CXL window names; -1 (NUMA_NO_NODE) where none does.',
    args: place,
    returns: d.integer,
    fails: {},
  },
  memory_add_physaddr_to_nid: {
    title: 'Ask which node memory is added to',
    description: 'The node of the RAM around an address, or the first node.',
    args: place,
    returns: d.integer,
    fails: {},
  },
} as const;
