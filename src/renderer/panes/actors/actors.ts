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
