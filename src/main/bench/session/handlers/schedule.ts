import type { OutputOf } from '../../../../shared/bench/commands.ts';
import type { scheduleCommands } from '../../../../shared/bench/commands/schedule.ts';
import type { LiveRun } from '../live-run.ts';

import type { OpenSession } from '../open-session.ts';
import type { Handlers } from './handlers.ts';
import { Refusal } from '../refusal.ts';
import { hits } from '../target.ts';

type Moved = OutputOf<'scheduleStep'>;

/** Most steps one `scheduleRun` makes: an actor may go on for ever. */
const MOST = 100_000;

/** Commands that choose who makes the next step of a run that waits. */
export const scheduleHandlers: Handlers<typeof scheduleCommands> = {
  scheduleTakeOver: (workspace) => workspace.takeOver(),
  scheduleStep: async (open, { actor }) => {
    const live = atHead(open);
    mayGoOn(open, live, actor);
    await live.move(open, actor);
    return arrive(open);
  },

  scheduleRun: async (open, { actor }) => {
    const live = atHead(open);
    mayGoOn(open, live, actor);
    const { session } = open;
    const breakpoints = session.breakpoints.filter(({ enabled }) => enabled);
    const broken = session.violations.length;
    for (let made = 0; made < MOST && live.offered().includes(actor); made += 1) {
      const stepped = await live.move(open, actor);
      if (session.violations.length > broken) return arrive(open, 'a broken invariant');
      if (!stepped) break;
      const step = session.source.step(session.length);
      const hit = breakpoints.find((one) => hits(step, one));
      if (hit) return arrive(open, `${hit.kind} ${hit.target}`);
    }
    return arrive(open);
  },

  scheduleResume: async (open) => {
    const live = atHead(open);
    open.running = live.go(open);
    await open.running;
    return arrive(open);
  },
};

function arrive(open: OpenSession, stoppedBy?: string): Moved {
  const { session } = open;
  session.seek(session.length);
  open.saved = false;
  return { at: session.at, ...(stoppedBy ? { stopped_by: stoppedBy } : {}) };
}

/** The run, where it waits and the session stands at its last step. */
function atHead(open: OpenSession): LiveRun {
  const { live, session } = open;
  if (!live?.paused) {
    throw new Refusal(
      'not-waiting',
      'the run does not wait for a choice; choose who steps from here first',
    );
  }
  if (session.at !== session.length) {
    const place = `the run waits at step ${session.length}, this is step ${session.at}`;
    throw new Refusal('not-at-head', `${place}; go there, or choose who steps from here`);
  }
  return live;
}

function mayGoOn({ session }: OpenSession, live: LiveRun, actor: string): void {
  if (live.offered().includes(actor)) return;
  const { world } = session.cursor;
  const blocked = world.get('actors', actor);
  if (!blocked)
    throw new Refusal('cannot-run', `${actor} has nothing to do before others have gone on`);
  const lock = world.get('locks', blocked.waits_on);
  const who = lock ? [lock.owner, ...lock.readers].filter((id) => id !== '').join(' and ') : '';
  const whose = who === '' ? '' : `, which ${who} holds`;
  throw new Refusal('cannot-run', `${actor} waits for ${blocked.waits_on}${whose}`);
}
