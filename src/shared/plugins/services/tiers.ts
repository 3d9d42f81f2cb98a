/** Memory tiers: how far memory is, by latency and bandwidth. */
import { z } from 'zod';
import * as d from '../declaration.ts';

const node = d.integer.describe('The node');

export const TIER_SERVICES = {
  mt_calc_adistance: {
    title: 'Ask how far memory is',
    description: 'The abstract distance of a node, from HMAT or a driver; 576 is DRAM.',
    since: '6.7',
    args: z.strictObject({ node }),
    returns: d.integer.nullable().describe('null: nobody knows'),
    fails: {},
  },
  init_node_memory_type: {
    title: 'Say how far memory is',
    description: 'The first driver of a node decides.',
    since: '6.1',
    args: z.strictObject({ node, adistance: d.integer.describe('Abstract distance') }),
    returns: d.nothing,
    fails: {},
  },
  clear_node_memory_type: {
    title: 'Say no more how far memory is',
    description: 'Once no driver of the node says it, it is as before.',
    since: '6.1',
    args: z.strictObject({ node }),
    returns: d.nothing,
    fails: {},
  },
  register_mt_adistance_algorithm: {
    title: 'Tell how memory performs',
    description: 'What CDAT of a device says, for nodes that HMAT does not describe.',
    since: '6.7',
    args: z.strictObject({
      node,
      read_latency: d.integer.describe('Nanoseconds'),
      write_latency: d.integer.describe('Nanoseconds'),
      read_bandwidth: d.integer.describe('MB/s'),
      write_bandwidth: d.integer.describe('MB/s'),
    }),
    returns: d.nothing,
    fails: {},
  },
} as const;
