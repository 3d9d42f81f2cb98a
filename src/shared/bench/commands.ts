import { z } from 'zod';
import { command } from './command.ts';
import { KERNEL_FILES } from './kernel-files.ts';
import { benchState, breakpointView, expectationView, libraryEntry, problemView } from './state.ts';
import {
  actorView,
  extentView,
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
} from './views.ts';

const nothing = z.object({}).strict();
const count = z.number().int().min(0);
const pfn = z.number().int().min(0);
const step = z.number().int().min(0);
/** Most rows one call returns. */
const window = z.number().int().min(1).max(2000);
const moved = z.object({ at: step, stopped_by: z.string().optional() });
const opened = z.object({ opened: z.boolean(), problems: z.array(problemView) });
const named = z.object({ name: z.string().max(4096), text: z.string() });

/**
 * Every command, by a short name. Commands that move or open answer when the bench has arrived;
 * a `state` event follows each change of the bench's state.
 */
export const COMMANDS = {
  state: command('org.pfnlab.bench.state', 'Show the state of the bench', nothing, benchState),

  labOpen: command('org.pfnlab.lab.open', 'Open lab', named, opened, { keys: ['$mod+o'] }),
  labCheck: command(
    'org.pfnlab.lab.check',
    'Check a lab file',
    named,
    z.object({ problems: z.array(problemView) }),
  ),
  labImport: command(
    'org.pfnlab.lab.import',
    'Import a machine',
    z.object({ files: z.array(named).min(1).max(64) }),
    z.object({
      yaml: z.string().optional(),
      notes: z.array(
        z.object({
          file: z.string(),
          /** Absent where the note concerns the whole file. */
          line: z.number().optional(),
          text: z.string(),
          reason: z.string(),
          why: z.string().optional(),
        }),
      ),
      problems: z.array(problemView),
    }),
    { keys: ['$mod+i'] },
  ),
  labText: command(
    'org.pfnlab.lab.text',
    'Show the lab file',
    nothing,
    z.object({ name: z.string(), text: z.string() }),
  ),
  labShipped: command(
    'org.pfnlab.lab.shipped',
    'List the guided labs',
    nothing,
    z.object({
      /** `name`: the path below `labs/`. In the order they are shown in. */
      labs: z.array(
        z.object({
          name: z.string(),
          title: z.string(),
          topic: z.string(),
          text: z.string(),
        }),
      ),
    }),
  ),

  libraryList: command(
    'org.pfnlab.library.list',
    'List recordings',
    nothing,
    z.object({ entries: z.array(libraryEntry) }),
  ),
  libraryOpen: command(
    'org.pfnlab.library.open',
    'Open recording',
    z.object({ id: z.string() }),
    opened,
  ),
  libraryRemove: command(
    'org.pfnlab.library.remove',
    'Delete recording',
    z.object({ id: z.string() }),
    nothing,
  ),

  sessionSave: command(
    'org.pfnlab.session.save',
    'Save session',
    z.object({ view: z.string().max(1_000_000).optional() }),
    z.object({ saved: z.boolean() }),
    { keys: ['$mod+s'], palette: true },
  ),
  /** The session as one .pfnlab file; bytes in base64. */
  sessionShare: command(
    'org.pfnlab.session.share',
    'Share session as a file',
    nothing,
    z.object({ name: z.string(), base64: z.string() }),
    { keys: ['$mod+Shift+s'] },
  ),
  sessionOpenShared: command(
    'org.pfnlab.session.openShared',
    'Open a .pfnlab file',
    z.object({ name: z.string(), base64: z.string() }),
    opened,
  ),
  sessionClose: command('org.pfnlab.session.close', 'Close session', nothing, nothing, {
    palette: true,
  }),

  stepInto: command('org.pfnlab.timeline.stepInto', 'Step into', nothing, moved, {
    keys: ['F11', 'Alt+ArrowRight'],
    palette: true,
  }),
  stepOver: command('org.pfnlab.timeline.stepOver', 'Step over', nothing, moved, {
    keys: ['F10'],
    palette: true,
  }),
  stepOut: command('org.pfnlab.timeline.stepOut', 'Step out', nothing, moved, {
    keys: ['Shift+F11'],
    palette: true,
  }),
  stepBack: command('org.pfnlab.timeline.stepBack', 'Step back', nothing, moved, {
    keys: ['$mod+F11', 'Alt+ArrowLeft'],
    palette: true,
  }),
  stepBackOver: command('org.pfnlab.timeline.stepBackOver', 'Step back over', nothing, moved, {
    keys: ['$mod+F10'],
    palette: true,
  }),
  stepBackOut: command('org.pfnlab.timeline.stepBackOut', 'Step back out', nothing, moved, {
    keys: ['$mod+Shift+F11'],
    palette: true,
  }),
  continue: command('org.pfnlab.timeline.continue', 'Continue', nothing, moved, {
    keys: ['F5', 'F8'],
    palette: true,
  }),
  reverseContinue: command(
    'org.pfnlab.timeline.reverseContinue',
    'Reverse continue',
    nothing,
    moved,
    {
      keys: ['$mod+F5', '$mod+F8'],
      palette: true,
    },
  ),
  seek: command('org.pfnlab.timeline.seek', 'Go to step', z.object({ step }), moved),
  toStart: command('org.pfnlab.timeline.toStart', 'Go to the start', nothing, moved, {
    palette: true,
  }),
  toEnd: command('org.pfnlab.timeline.toEnd', 'Go to the end', nothing, moved, { palette: true }),
  /** Next (or previous) step at which a function is entered, a PFN written, or an error raised. */
  runTo: command(
    'org.pfnlab.timeline.runTo',
    'Run to',
    z.object({ target: z.string().min(1).max(200), reverse: z.boolean().optional() }),
    moved,
  ),
  /** Makes sense of what somebody typed: a step, PFN, address, section or function. */
  resolve: command(
    'org.pfnlab.timeline.resolve',
    'Go to',
    z.object({ text: z.string().max(200) }),
    z.object({ links: z.array(z.object({ link: z.string(), label: z.string() })) }),
    { keys: ['$mod+g'] },
  ),

  /** Makes the run again up to the current step, where it waits for a choice. */
  scheduleTakeOver: command(
    'org.pfnlab.schedule.takeOver',
    'Choose who steps from here',
    nothing,
    moved,
    { palette: true },
  ),
  scheduleStep: command(
    'org.pfnlab.schedule.step',
    'Let an actor make the next step',
    z.object({ actor: z.string().min(1).max(200) }),
    moved,
  ),
  /** Until it blocks, has done what it can, breaks an invariant or meets a breakpoint. */
  scheduleRun: command(
    'org.pfnlab.schedule.run',
    'Let an actor go on',
    z.object({ actor: z.string().min(1).max(200) }),
    moved,
  ),
  scheduleResume: command(
    'org.pfnlab.schedule.resume',
    'Let the program go on by itself',
    nothing,
    moved,
    { palette: true },
  ),

  breakpointAdd: command(
    'org.pfnlab.breakpoint.add',
    'Add breakpoint',
    breakpointView.pick({ kind: true, target: true }),
    z.object({ id: z.number() }),
  ),
  breakpointSet: command(
    'org.pfnlab.breakpoint.set',
    'Enable or disable breakpoint',
    z.object({ id: z.number(), enabled: z.boolean() }),
    nothing,
  ),
  breakpointRemove: command(
    'org.pfnlab.breakpoint.remove',
    'Remove breakpoint',
    z.object({ id: z.number() }),
    nothing,
  ),
  bookmarkAdd: command(
    'org.pfnlab.bookmark.add',
    'Bookmark this step',
    z.object({ title: z.string().max(200).optional() }),
    z.object({ id: z.number() }),
    { keys: ['$mod+b'], palette: true },
  ),
  bookmarkRemove: command(
    'org.pfnlab.bookmark.remove',
    'Remove bookmark',
    z.object({ id: z.number() }),
    nothing,
  ),

  /** Children of a call in order; parent 0 lists the operations. */
  children: command(
    'org.pfnlab.inspect.children',
    'List the steps inside a call',
    z.object({ parent: step, offset: count, count: window, changes_only: z.boolean().optional() }),
    z.object({ rows: z.array(stepRow), total: count }),
  ),
  /** The ancestors of a step, outermost first, each with its place among its siblings. */
  path: command(
    'org.pfnlab.inspect.path',
    'Show the calls around a step',
    z.object({ step, changes_only: z.boolean().optional() }),
    z.object({ path: z.array(z.object({ row: stepRow, index: z.number() })) }),
  ),
  steps: command(
    'org.pfnlab.inspect.steps',
    'List steps in order',
    z.object({ first: step, count: window }),
    z.object({ rows: z.array(stepRow), length: count }),
  ),
  /** Calls at depths 0..depth between two steps, for the timeline's lanes. */
  lanes: command(
    'org.pfnlab.inspect.lanes',
    'List calls for the timeline',
    z.object({ first: step, last: step, depth: z.number().int().min(0).max(12), limit: window }),
    z.object({
      bars: z.array(stepRow),
      complete: z.boolean(),
      /** Steps that wrote a register or the state of a device. */
      ticks: z.array(z.object({ device: z.string(), seq: step })).optional(),
    }),
  ),
  step: command('org.pfnlab.inspect.step', 'Show a step', z.object({ step }), stepView),
  machine: command('org.pfnlab.inspect.machine', 'Show the machine', nothing, machineView),
  nodes: command(
    'org.pfnlab.inspect.nodes',
    'Show nodes and zones',
    nothing,
    z.object({ nodes: z.array(nodeView) }),
  ),
  sections: command(
    'org.pfnlab.inspect.sections',
    'List sections',
    z.object({ offset: count, count: window }),
    z.object({ runs: z.array(sectionRun), total: count }),
  ),
  section: command(
    'org.pfnlab.inspect.section',
    'Show a section',
    z.object({ nr: count }),
    sectionView,
  ),
  page: command('org.pfnlab.inspect.page', 'Show a struct page', z.object({ pfn }), pageView),
  extents: command(
    'org.pfnlab.inspect.extents',
    'List page extents',
    z.object({ start: pfn, end: pfn, count: window }),
    z.object({ extents: z.array(extentView), more: z.boolean() }),
  ),
  pgmaps: command(
    'org.pfnlab.inspect.pgmaps',
    'Show pagemaps',
    nothing,
    z.object({ pgmaps: z.array(pgmapView) }),
  ),
  spaces: command(
    'org.pfnlab.inspect.spaces',
    'Show address spaces',
    nothing,
    z.object({ spaces: z.array(spaceView) }),
  ),
  map: command(
    'org.pfnlab.inspect.map',
    'Show the physical memory map',
    z.object({
      start: pfn,
      end: pfn,
      tiers: z.array(z.enum(['iomem', 'zone', 'section', 'subsection', 'extent'])).max(5),
      limit: window,
    }),
    mapView,
  ),
  text: command(
    'org.pfnlab.inspect.text',
    'Show a kernel file',
    z.object({ file: z.enum(KERNEL_FILES) }),
    textView,
  ),
  vars: command(
    'org.pfnlab.inspect.vars',
    'Show kernel variables',
    nothing,
    z.object({
      vars: z.array(
        z.object({ name: z.string(), text: z.string(), by: z.number(), changed: z.boolean() }),
      ),
    }),
  ),
  /** The log around the current step: notes of steps and, with `kernel`, printk lines. */
  log: command(
    'org.pfnlab.inspect.log',
    'Show the log',
    z.object({ source: z.enum(['steps', 'kernel']), count: window }),
    z.object({ lines: z.array(logLine), total: count }),
  ),
  /** Who is where: stacks, what they wait for, what they have. */
  actors: command(
    'org.pfnlab.inspect.actors',
    'Show actors',
    nothing,
    z.object({ actors: z.array(actorView) }),
  ),
  expectations: command(
    'org.pfnlab.inspect.expectations',
    'Show expectations',
    nothing,
    z.object({ expectations: z.array(expectationView) }),
  ),
} as const;

export type CommandName = keyof typeof COMMANDS;
export type InputOf<N extends CommandName> = z.input<(typeof COMMANDS)[N]['input']>;
export type OutputOf<N extends CommandName> = z.output<(typeof COMMANDS)[N]['output']>;

/** The contract of every door: one asynchronous call for all commands, and events. */
export interface BenchApi {
  call<N extends CommandName>(name: N, input: InputOf<N>): Promise<OutputOf<N>>;
  /** Events as they come; returns how to stop listening. */
  listen(listener: (event: BenchEvent) => void): () => void;
}

export type BenchEvent =
  | { readonly type: 'state'; readonly state: z.output<typeof benchState> }
  | { readonly type: 'progress'; readonly steps: number; readonly fn: string };
