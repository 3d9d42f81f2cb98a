import { z } from 'zod';
import { sessionCommand, type MenuPlace } from '../command.ts';
import { breakpointView } from '../state.ts';
import { moved, nothing, step } from './payloads.ts';

const id = z.object({ id: z.number() });

type Goes = 'forward' | 'back';
const RUN: Readonly<Record<Goes, MenuPlace>> = {
  forward: { in: 'Run', group: 1 },
  back: { in: 'Run', group: 2 },
};
const ENDS: MenuPlace = { in: 'Go', group: 2 };

/** A move that takes no input. */
function move(
  name: string,
  goes: Goes,
  title: string,
  summary: string,
  { keys = [], menu = RUN[goes] }: { keys?: readonly string[]; menu?: MenuPlace } = {},
) {
  return sessionCommand({
    ...{ id: `org.pfnlab.timeline.${name}`, title, summary, keys, menu, goes },
    input: nothing,
    output: moved,
    palette: true,
  });
}

/** Commands that move a session in time, and what makes it stop. */
export const timelineCommands = {
  continue: move('continue', 'forward', 'Continue', 'Goes on to the next breakpoint, or the end.', {
    keys: ['F5', 'F8'],
  }),
  stepOver: move(
    'stepOver',
    'forward',
    'Step over',
    'Goes on past the next call and everything inside it, or to a breakpoint there.',
    { keys: ['F10'] },
  ),
  stepInto: move('stepInto', 'forward', 'Step into', 'Goes one step on.', {
    keys: ['F11', 'Alt+ArrowRight'],
  }),
  stepOut: move(
    'stepOut',
    'forward',
    'Step out',
    'Goes on to the end of the call that is running, or to a breakpoint before it.',
    { keys: ['Shift+F11'] },
  ),
  reverseContinue: move(
    'reverseContinue',
    'back',
    'Reverse continue',
    'Goes back to the breakpoint before, or the start.',
    { keys: ['$mod+F5', '$mod+F8'] },
  ),
  stepBackOver: move(
    'stepBackOver',
    'back',
    'Step back over',
    'Goes back to before the call that just ended, with everything inside it.',
    { keys: ['$mod+F10'] },
  ),
  stepBack: move('stepBack', 'back', 'Step back', 'Goes one step back.', {
    keys: ['$mod+F11', 'Alt+ArrowLeft'],
  }),
  stepBackOut: move(
    'stepBackOut',
    'back',
    'Step back out',
    'Goes back to before the call that is running was entered.',
    { keys: ['$mod+Shift+F11'] },
  ),
  toStart: move('toStart', 'back', 'Go to the start', 'Goes back to before the first step.', {
    menu: ENDS,
  }),
  toEnd: move(
    'toEnd',
    'forward',
    'Go to the end',
    'Goes to the last step, once the run has made it.',
    {
      menu: ENDS,
    },
  ),
  seek: sessionCommand({
    id: 'org.pfnlab.timeline.seek',
    title: 'Go to step',
    summary: 'Goes to a step; 0 is before the first.',
    input: z.object({ step }),
    output: moved,
  }),
  runTo: sessionCommand({
    id: 'org.pfnlab.timeline.runTo',
    title: 'Run to',
    summary:
      'Goes to the next step, or the one before, that enters a function, writes a PFN or a field, or ends in an error.',
    input: z.object({ target: z.string().min(1).max(200), reverse: z.boolean().optional() }),
    output: moved,
    menu: { in: 'Run', group: 3 },
  }),
  resolve: sessionCommand({
    id: 'org.pfnlab.timeline.resolve',
    title: 'Go to',
    summary:
      'Makes sense of what somebody typed: a step, PFN, address, section, node, zone, pagemap, device or function.',
    input: z.object({ text: z.string().max(200) }),
    output: z.object({ links: z.array(z.object({ link: z.string(), label: z.string() })) }),
    keys: ['$mod+g'],
    menu: { in: 'Go', group: 1 },
  }),

  breakpointAdd: sessionCommand({
    id: 'org.pfnlab.breakpoint.add',
    title: 'Add breakpoint',
    summary: 'Makes moves stop where a function is entered, a value written or an error raised.',
    input: breakpointView.pick({ kind: true, target: true }),
    output: id,
    changes: true,
  }),
  breakpointSet: sessionCommand({
    id: 'org.pfnlab.breakpoint.set',
    title: 'Enable or disable breakpoint',
    summary: 'Lets a breakpoint stop moves, or be passed.',
    input: z.object({ id: z.number(), enabled: z.boolean() }),
    output: nothing,
    changes: true,
  }),
  breakpointRemove: sessionCommand({
    id: 'org.pfnlab.breakpoint.remove',
    title: 'Remove breakpoint',
    summary: 'Forgets a breakpoint.',
    input: id,
    output: nothing,
    changes: true,
  }),
  bookmarkAdd: sessionCommand({
    id: 'org.pfnlab.bookmark.add',
    title: 'Bookmark this step',
    summary: 'Keeps the step the session stands at under a title, or the name of its function.',
    input: z.object({ title: z.string().max(200).optional() }),
    output: id,
    keys: ['$mod+b'],
    palette: true,
    menu: { in: 'Run', group: 4 },
    changes: true,
  }),
  bookmarkRemove: sessionCommand({
    id: 'org.pfnlab.bookmark.remove',
    title: 'Remove bookmark',
    summary: 'Forgets a bookmark.',
    input: id,
    output: nothing,
    changes: true,
  }),
};
