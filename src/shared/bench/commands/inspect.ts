import { z } from 'zod';
import { TABLE_NAMES } from '../../world/tables.ts';
import { sessionCommand } from '../command.ts';
import { KERNEL_FILE_NAMES } from '../kernel-files.ts';
import { TABLE_FORMATS } from '../table-formats.ts';
import { expectationView } from '../state.ts';
import {
  actorView,
  extentView,
  fieldView,
  logLine,
  machineView,
  mapView,
  nodeView,
  pageView,
  pgmapView,
  sectionRun,
  sectionView,
  spaceView,
  stepRow,
  stepView,
  textView,
} from '../views.ts';
import { count, nothing, pfn, step, window } from './payloads.ts';

/** What is asked of a session at the step it stands at. */
function inspection<I extends z.ZodType, O extends z.ZodType>(
  name: string,
  title: string,
  summary: string,
  input: I,
  output: O,
) {
  return sessionCommand({ id: `org.pfnlab.inspect.${name}`, title, summary, input, output });
}

/** Commands that look at a session, and change nothing. */
export const inspectCommands = {
  children: inspection(
    'children',
    'List the steps inside a call',
    'Gives the children of a call in order; those of 0 are the operations.',
    z.object({ parent: step, offset: count, count: window, changes_only: z.boolean().optional() }),
    z.object({ rows: z.array(stepRow), total: count }),
  ),
  path: inspection(
    'path',
    'Show the calls around a step',
    'Gives the ancestors of a step, outermost first, each with its place among its siblings.',
    z.object({ step, changes_only: z.boolean().optional() }),
    z.object({ path: z.array(z.object({ row: stepRow, index: z.number() })) }),
  ),
  steps: inspection(
    'steps',
    'List steps in order',
    'Gives the rows of a window of steps.',
    z.object({ first: step, count: window }),
    z.object({ rows: z.array(stepRow), length: count }),
  ),
  lanes: inspection(
    'lanes',
    'List calls for the timeline',
    "Gives the calls down to a depth between two steps, and the steps that wrote a device's state.",
    z.object({ first: step, last: step, depth: z.number().int().min(0).max(12), limit: window }),
    z.object({
      bars: z.array(stepRow),
      complete: z.boolean(),
      /** Steps that wrote a register or the state of a device. */
      ticks: z.array(z.object({ device: z.string(), seq: step })).optional(),
    }),
  ),
  step: inspection(
    'step',
    'Show a step',
    'Gives a step with its arguments, source, callers and what it changed.',
    z.object({ step }),
    stepView,
  ),
  machine: inspection(
    'machine',
    'Show the machine',
    'Gives the nodes, their memory, and the devices with their registers.',
    nothing,
    machineView,
  ),
  nodes: inspection(
    'nodes',
    'Show nodes and zones',
    'Gives every node with its zones and who wrote their fields.',
    nothing,
    z.object({ nodes: z.array(nodeView) }),
  ),
  sections: inspection(
    'sections',
    'List sections',
    'Gives a window of the runs of equal memory sections.',
    z.object({ offset: count, count: window }),
    z.object({ runs: z.array(sectionRun), total: count }),
  ),
  section: inspection(
    'section',
    'Show a section',
    'Gives one mem_section: its flags, its memmap and its sub-sections.',
    z.object({ nr: count }),
    sectionView,
  ),
  page: inspection(
    'page',
    'Show a struct page',
    'Gives everything about one struct page, and how its PFN is converted.',
    z.object({ pfn }),
    pageView,
  ),
  extents: inspection(
    'extents',
    'List page extents',
    'Gives the runs of equal pages in a range of PFNs.',
    z.object({ start: pfn, end: pfn, count: window }),
    z.object({ extents: z.array(extentView), more: z.boolean() }),
  ),
  pgmaps: inspection(
    'pgmaps',
    'Show pagemaps',
    'Gives every dev_pagemap with its references and its altmap.',
    nothing,
    z.object({ pgmaps: z.array(pgmapView) }),
  ),
  spaces: inspection(
    'spaces',
    'Show address spaces',
    'Gives the address spaces of processes and mirrors: VMAs and page table entries.',
    nothing,
    z.object({ spaces: z.array(spaceView) }),
  ),
  map: inspection(
    'map',
    'Show the physical memory map',
    'Gives the blocks of a range of PFNs, tier by tier.',
    z.object({
      start: pfn,
      end: pfn,
      tiers: z.array(z.enum(['iomem', 'zone', 'section', 'subsection', 'extent'])).max(5),
      limit: window,
    }),
    mapView,
  ),
  text: inspection(
    'text',
    'Show a kernel file',
    'Gives a text as a kernel of that version prints it, with the lines that changed.',
    z.object({ file: z.enum(KERNEL_FILE_NAMES) }),
    textView,
  ),
  table: inspection(
    'table',
    'Copy a table',
    'Gives all records of one of the model’s tables as CSV, as JSON, or in columns.',
    z.object({ table: z.enum(TABLE_NAMES), format: z.enum(TABLE_FORMATS) }),
    z.object({ text: z.string() }),
  ),
  vars: inspection(
    'vars',
    'Show kernel variables',
    'Gives the variables of memory management: max_pfn and its like.',
    nothing,
    z.object({ vars: z.array(fieldView) }),
  ),
  log: inspection(
    'log',
    'Show the log',
    'Gives the log up to the current step: notes of steps, or what the kernel printed.',
    z.object({ source: z.enum(['steps', 'kernel']), count: window }),
    z.object({ lines: z.array(logLine), total: count }),
  ),
  actors: inspection(
    'actors',
    'Show actors',
    'Says who is where: stacks, what they wait for, what they have.',
    nothing,
    z.object({ actors: z.array(actorView) }),
  ),
  expectations: inspection(
    'expectations',
    'Show expectations',
    'Gives what the lab expects, and what came of it.',
    nothing,
    z.object({ expectations: z.array(expectationView) }),
  ),
};
