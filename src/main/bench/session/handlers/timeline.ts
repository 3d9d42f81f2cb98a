import type { OutputOf } from '../../../../shared/bench/commands.ts';
import type { timelineCommands } from '../../../../shared/bench/commands/timeline.ts';
import type { OpenSession } from '../open-session.ts';
import type { Handlers } from './handlers.ts';
import { Refusal } from '../refusal.ts';
import { resolvePlace } from '../resolve-place.ts';
import { parseTarget, targetProblem } from '../target.ts';

type Moved = OutputOf<'seek'>;

function arrived({ session }: OpenSession, stoppedBy?: string): Moved {
  return { at: session.at, ...(stoppedBy ? { stopped_by: stoppedBy } : {}) };
}

/** Commands that move a session in time. Those that may reach the end wait for a run to end. */
export const timelineHandlers: Handlers<typeof timelineCommands> = {
  stepInto: (open) => moved(open, 'into'),
  stepOver: (open) => moved(open, 'over'),
  stepOut: (open) => moved(open, 'out'),
  stepBack: (open) => moved(open, 'back'),
  stepBackOver: (open) => moved(open, 'backOver'),
  stepBackOut: (open) => moved(open, 'backOut'),

  continue: async (open) => {
    await open.running;
    return arrived(open, open.session.continue(false));
  },
  reverseContinue: (open) => arrived(open, open.session.continue(true)),

  seek: (open, { step }) => {
    const { length } = open.session;
    if (step > length) {
      throw new Refusal('no-step', `there is no step ${step}: the recording has ${length}`);
    }
    open.session.seek(step);
    return arrived(open);
  },
  toStart: (open) => {
    open.session.seek(0);
    return arrived(open);
  },
  toEnd: async (open) => {
    await open.running;
    open.session.seek(open.session.length);
    return arrived(open);
  },
  runTo: async (open, input) => {
    if (input.reverse !== true) await open.running;
    const target = parseTarget(input.target);
    const problem = targetProblem(target);
    if (problem !== undefined) throw new Refusal('breakpoint', problem);
    if (!open.session.runTo(target, input.reverse ?? false)) {
      const where = input.reverse === true ? 'before' : 'after';
      const what = WORDS[target.kind](target.target);
      throw new Refusal('no-hit', `no step ${where} step ${open.session.at} ${what}`);
    }
    return arrived(open);
  },
  resolve: (open, { text }) => ({
    links: resolvePlace(open.session.inspection(), text),
  }),

  breakpointAdd: (open, input) => {
    const problem = targetProblem(input);
    if (problem !== undefined) throw new Refusal('breakpoint', problem);
    open.saved = false;
    return { id: open.session.addBreakpoint(input.kind, input.target) };
  },
  breakpointSet: (open, { id, enabled }) => {
    open.session.setBreakpoint(id, enabled);
    open.saved = false;
    return {};
  },
  breakpointRemove: (open, { id }) => {
    open.session.removeBreakpoint(id);
    open.saved = false;
    return {};
  },
  bookmarkAdd: (open, { title }) => {
    open.saved = false;
    return { id: open.session.addBookmark(title) };
  },
  bookmarkRemove: (open, { id }) => {
    open.session.removeBookmark(id);
    open.saved = false;
    return {};
  },
};

const WORDS = {
  function: (target: string) => `enters ${target}`,
  pfn: (target: string) => `writes the struct page of pfn 0x${Number(target).toString(16)}`,
  field: (target: string) => `writes ${target}`,
  condition: (target: string) => `makes ${target} true`,
  error: (target: string) => `ends in ${target === 'any' ? 'an error' : `\u2212${target}`}`,
} as const;

function moved(open: OpenSession, how: Parameters<OpenSession['session']['move']>[0]): Moved {
  open.session.move(how);
  return arrived(open);
}
