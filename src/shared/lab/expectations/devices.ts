/** Expectations of devices and what they give the kernel. */
import { z } from 'zod';
import { address, count, size } from '../quantity.ts';
import { valueMap } from '../value.ts';
import { text } from '../words.ts';
import { exists, type ExpectationDeclaration } from './declaration.ts';

export const DEVICES = {
  pgmap: {
    title: 'Device pages',
    description: 'struct dev_pagemap by one of its ranges.',
    where: { start: address.describe('First byte'), end: address.describe('Last byte') },
    compared: {
      exists,
      type: text.optional().describe('As in enum memory_type, such as MEMORY_DEVICE_FS_DAX'),
      ref: count.optional().describe('References it is held by'),
      owner: text.optional().describe('Its owner'),
      altmap: valueMap.optional().describe('Its vmem_altmap, by field'),
    },
    example: 'pgmap: { start: 0x101200000, end: 0x13fffffff, type: MEMORY_DEVICE_FS_DAX }',
  },
  device: {
    title: 'A device of the lab',
    description: 'Its state, and what its registers hold.',
    where: { id: text.describe('Its id') },
    compared: {
      state: text.optional().describe('present, bound, failed ...'),
      registers: valueMap
        .optional()
        .describe('Values by register; `name` or `name[index]` as the model declares them'),
    },
    example: 'device: { id: nvdimm0, state: bound }',
  },
  dma_mapping: {
    title: 'A live DMA mapping',
    description: 'Of a device (by its name or its PCI name), by number or by an address of it.',
    where: {
      dev: text.describe('The device'),
      id: count.optional().describe('Number of the mapping'),
      dma_address: address.optional().describe('A DMA address that a segment begins at'),
    },
    compared: {
      exists,
      api: z.enum(['scatter-gather', 'resource']).optional().describe('How it was made'),
      dir: text.optional().describe('DMA_* direction'),
      nents: count.optional().describe('Segments the device sees'),
      type: text.optional().describe('Kind of the segment looked for; of the first otherwise'),
      length: address.optional().describe('Its length'),
      phys: address.optional().describe('Physical address behind it'),
      bounced: z.boolean().optional().describe('It goes through a bounce buffer'),
    },
    example: 'dma_mapping: { dev: nic0, nents: 1, bounced: false }',
  },
  p2pmem: {
    title: 'Peer memory of a PCI device',
    description: 'As its p2pmem directory in sysfs has it.',
    where: { provider: text.describe('The device') },
    compared: {
      exists,
      size: size.optional().describe('size'),
      available: size.optional().describe('available'),
      published: z.boolean().optional().describe('published'),
      map_types: valueMap.optional().describe('How each client reaches it, as it was found first'),
    },
    example: 'p2pmem: { provider: nvme0, size: 64MiB, published: true }',
  },
} satisfies Record<string, ExpectationDeclaration>;
