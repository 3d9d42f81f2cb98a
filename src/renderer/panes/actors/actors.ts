import type { SessionView } from '../../../shared/bench/state.ts';
import type { ActorView } from '../../../shared/bench/views.ts';

/** Frames shown of a stack until somebody asks for all. */
const SHOWN = 4;

/** The stack as a debugger shows it, innermost first. */
export function shownStack(stack: ActorView['stack'], whole: boolean): ActorView['stack'] {
  const inner = [...stack].reverse();
  return whole ? inner : inner.slice(0, SHOWN);
}

/** Where an actor stands, in a few words. */
export function standing({ state, stack, next }: ActorView): string {
  switch (state) {
    case 'blocked':
      return 'blocked';
    case 'inside':
      return `in ${stack[stack.length - 1]?.fn ?? ''}`;
    case 'between':
      return `next ${next ?? ''}`;
    case 'done':
      return 'done';
  }
}

/** Why nobody can choose who steps from here; "" when somebody can. */
export function whyNoTakeOver(now: SessionView | null): string {
  if (!now) return 'No session is open.';
  if (now.running) return 'The run goes on by itself.';
  if (now.head && now.at === now.length) return 'The run waits for a choice already.';
  return now.runnable ? '' : (now.why_not_runnable ?? 'This recording cannot be gone on with.');
}
