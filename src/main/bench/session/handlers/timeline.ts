import type { InputOf, OutputOf } from '../../../../shared/bench/commands.ts';
import type { OpenSession } from '../open-session.ts';
import { Refusal } from '../refusal.ts';
import { resolvePlace } from '../resolve-place.ts';
import { parseTarget, targetProblem } from '../target.ts';

type Moved = OutputOf<'seek'>;

function arrived({ session }: OpenSession, stoppedBy?: string): Moved {
  return { at: session.at, ...(stoppedBy ? { stopped_by: stoppedBy } : {}) };
}

/** Commands that move a session in time. Those that may reach the end wait for a run to end. */
export const timelineHandlers = {
  stepInto: (open: OpenSession): Moved => moved(open, 'into'),
  stepOver: (open: OpenSession): Moved => moved(open, 'over'),
  stepOut: (open: OpenSession): Moved => moved(open, 'out'),
  stepBack: (open: OpenSession): Moved => moved(open, 'back'),
  stepBackOver: (open: OpenSession): Moved => moved(open, 'backOver'),
  stepBackOut: (open: OpenSession): Moved => moved(open, 'backOut'),

  continue: async (open: OpenSession): Promise<Moved> => {
    await open.running;
    return arrived(open, open.session.continue(false));
  },
  reverseContinue: (open: OpenSession): Moved => arrived(open, open.session.continue(true)),

  seek: (open: OpenSession, { step }: InputOf<'seek'>): Moved => {
    const { length } = open.session;
    if (step > length) {
      throw new Refusal('no-step', `there is no step ${step}: the recording has ${length}`);
    }
    open.session.seek(step);
    return arrived(open);
  },
  toStart: (open: OpenSession): Moved => {
    open.session.seek(0);
    return arrived(open);
  },
  toEnd: async (open: OpenSession): Promise<Moved> => {
    await open.running;
    open.session.seek(open.session.length);
    return arrived(open);
  },
  runTo: async (open: OpenSession, input: InputOf<'runTo'>): Promise<Moved> => {
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
  resolve: (open: OpenSession, { text }: InputOf<'resolve'>): OutputOf<'resolve'> => ({
    links: resolvePlace(open.session.inspection(), text),
  }),

  breakpointAdd: (open: OpenSession, input: InputOf<'breakpointAdd'>) => {
    const problem = targetProblem(input);
    if (problem !== undefined) throw new Refusal('breakpoint', problem);
    open.saved = false;
    return { id: open.session.addBreakpoint(input.kind, input.target) };
  },
  breakpointSet: (open: OpenSession, { id, enabled }: InputOf<'breakpointSet'>) => {
    open.session.setBreakpoint(id, enabled);
    open.saved = false;
    return {};
  },
  breakpointRemove: (open: OpenSession, { id }: InputOf<'breakpointRemove'>) => {
    open.session.removeBreakpoint(id);
    open.saved = false;
    return {};
  },
  bookmarkAdd: (open: OpenSession, { title }: InputOf<'bookmarkAdd'>) => {
    open.saved = false;
    return { id: open.session.addBookmark(title) };
  },
  bookmarkRemove: (open: OpenSession, { id }: InputOf<'bookmarkRemove'>) => {
    open.session.removeBookmark(id);
    open.saved = false;
    return {};
  },
} as const;

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
