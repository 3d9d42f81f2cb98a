/** Expectations of pages, address spaces and files. */
import { z } from 'zod';
import { address, count, pages, pfn, size } from '../quantity.ts';
import { value } from '../value.ts';
import { text } from '../words.ts';
import { exists, flags, zoneName, type ExpectationDeclaration } from './declaration.ts';

/** An address in the address space of a task, or of one by its own name (a device's mirror). */
const IN_SPACE = {
  actor: text.optional().describe('Whose address space'),
  mm: text.optional().describe('The address space by its own name'),
  va: address.describe('The address'),
};

export const MEMORY = {
  page: {
    title: 'A page',
    description: 'struct page of one PFN.',
    where: { pfn: pfn.describe('The page') },
    compared: {
      valid: z.boolean().optional().describe('pfn_valid()'),
      online: z.boolean().optional().describe('pfn_to_online_page() finds it'),
      zone: zoneName.optional(),
      node: count.optional().describe('page_to_nid()'),
      refcount: count.optional().describe('_refcount; 0 for tail pages'),
      mapcount: value.optional().describe('_mapcount, -1 where nobody maps it'),
      reserved: z.boolean().optional().describe('PG_reserved'),
      flags: flags.describe('PG_* flags in lower case, in their order'),
      pgmap: value.optional().describe('Number of its dev_pagemap'),
    },
    example: 'page: { pfn: 0x101200, zone: Device, refcount: 1 }',
  },
  contents: {
    title: 'What is in a page',
    description: 'Its words, as operations of the lab wrote them.',
    where: { pfn: pfn.describe('The page') },
    compared: {
      word: count.optional().describe('Its first word'),
      count: z.boolean().optional().describe('The words count up from there'),
    },
    example: 'contents: { pfn: 0x101200, word: 7 }',
  },
  pin: {
    title: 'Pages held by a driver',
    description: 'What pin_user_pages() or get_user_pages() took, by the name the lab gave (`as`).',
    where: { name: text.describe('Name of the pin') },
    compared: {
      exists,
      actor: text.optional().describe('Who took it'),
      pages: pages.optional().describe('Pages held'),
      pfn: pfn.optional().describe('The first of them'),
      flags: flags.describe('FOLL_* names of the call'),
    },
    example: 'pin: { name: ring, pages: 512 }',
  },
  pte: {
    title: 'A page table entry',
    description: 'The entry at an address, of a process or of a device that mirrors one.',
    where: IN_SPACE,
    compared: {
      exists,
      level: z.enum(['pte', 'pmd', 'pud']).optional().describe('Which table it stands in'),
      kind: text.optional().describe('page, swap or one of its other kinds'),
      pfn: pfn.optional().describe('The page it points to'),
      flags: flags.describe('Its flags'),
      write: z.boolean().optional().describe('It lets write'),
    },
    example: 'pte: { actor: app, va: 0x7f0000000000, write: true }',
  },
  vma: {
    title: 'A VMA',
    description: 'struct vm_area_struct that holds an address, as /proc/PID/maps has it.',
    where: IN_SPACE,
    compared: {
      exists,
      start: address.optional().describe('First byte'),
      end: address.optional().describe('First byte behind it'),
      access: text.optional().describe('As /proc/PID/maps has it: rw-p'),
      flags: flags.describe('VM_* flags in lower case'),
      file: text.optional().describe('Path of its file'),
      ops: text.optional().describe('Name of its vm_operations'),
      pgoff: count.optional().describe('vm_pgoff'),
      anon_vma: text.optional().describe('Name of its anon_vma'),
    },
    example: 'vma: { actor: app, va: 0x7f0000000000, access: rw-p }',
  },
  task: {
    title: 'A process',
    description: 'What ended it, and its resident pages by kind.',
    where: { id: text.describe('The actor') },
    compared: {
      exists,
      pid: count.optional().describe('Its process number'),
      parent: text.optional().describe('Who forked it'),
      mm: text.optional().describe('Its address space'),
      signal: text.optional().describe('What ended it; empty while it lives'),
      anonpages: pages.optional().describe('MM_ANONPAGES'),
      filepages: pages.optional().describe('MM_FILEPAGES'),
      shmempages: pages.optional().describe('MM_SHMEMPAGES'),
    },
    example: 'task: { id: app, signal: SIGBUS }',
  },
  file: {
    title: 'A file',
    description: 'Its size, its blocks and what of it is in memory.',
    where: { path: text.describe('Its path') },
    compared: {
      exists,
      size: size.optional().describe('i_size'),
      dax: z.boolean().optional().describe('It is mapped directly (S_DAX)'),
      blocks: pages.optional().describe('Pages that have blocks'),
      cached: pages.optional().describe('Pages that i_pages has'),
    },
    example: 'file: { path: /mnt/a, size: 4MiB, dax: true }',
  },
  i_page: {
    title: 'A page of a file in memory',
    description: 'What i_pages has at an index: a folio, or a value entry of DAX.',
    where: { file: text.describe('Path of the file'), index: count.describe('Page of the file') },
    compared: {
      exists,
      kind: z.enum(['folio', 'dax']).optional().describe('A folio, or an entry of DAX'),
      pfn: pfn.optional().describe('The page'),
      flags: flags.describe('Flags of the entry'),
    },
    example: 'i_page: { file: /mnt/a, index: 0, kind: dax }',
  },
} satisfies Record<string, ExpectationDeclaration>;
