import { z } from 'zod';
import { sessionCommand } from '../command.ts';
import { breakpointView } from '../state.ts';
import { moved, nothing, step } from './payloads.ts';

const id = z.object({ id: z.number() });

/** A move that takes no input. */
function move(name: string, title: string, summary: string, keys: readonly string[] = []) {
  return sessionCommand({
    id: `org.pfnlab.timeline.${name}`,
    title,
    summary,
    input: nothing,
    output: moved,
    keys,
    palette: true,
  });
}

/** Commands that move a session in time, and what makes it stop. */
export const timelineCommands = {
  stepInto: move('stepInto', 'Step into', 'Goes one step on.', ['F11', 'Alt+ArrowRight']),
  stepOver: move(
    'stepOver',
    'Step over',
    'Goes on past the next call and everything inside it, or to a breakpoint there.',
    ['F10'],
  ),
  stepOut: move(
    'stepOut',
    'Step out',
    'Goes on to the end of the call that is running, or to a breakpoint before it.',
    ['Shift+F11'],
  ),
  stepBack: move('stepBack', 'Step back', 'Goes one step back.', ['$mod+F11', 'Alt+ArrowLeft']),
  stepBackOver: move(
    'stepBackOver',
    'Step back over',
    'Goes back to before the call that just ended, with everything inside it.',
    ['$mod+F10'],
  ),
  stepBackOut: move(
    'stepBackOut',
    'Step back out',
    'Goes back to before the call that is running was entered.',
    ['$mod+Shift+F11'],
  ),
  continue: move('continue', 'Continue', 'Goes on to the next breakpoint, or the end.', [
    'F5',
    'F8',
  ]),
  reverseContinue: move(
    'reverseContinue',
    'Reverse continue',
    'Goes back to the breakpoint before, or the start.',
    ['$mod+F5', '$mod+F8'],
  ),
  toStart: move('toStart', 'Go to the start', 'Goes back to before the first step.'),
  toEnd: move('toEnd', 'Go to the end', 'Goes to the last step, once the run has made it.'),
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
  }),
  resolve: sessionCommand({
    id: 'org.pfnlab.timeline.resolve',
    title: 'Go to',
    summary: 'Makes sense of what somebody typed: a step, PFN, address, section or function.',
    input: z.object({ text: z.string().max(200) }),
    output: z.object({ links: z.array(z.object({ link: z.string(), label: z.string() })) }),
    keys: ['$mod+g'],
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
