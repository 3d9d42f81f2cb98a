import type { Args } from '../../../../shared/world/value.ts';
import type { Kernel } from '../facts.ts';
import type { Actor, Actors, Frame } from './actors.ts';
import type { Draft } from './draft.ts';
import type { Effect } from './operation.ts';
import { proceed, release } from './waiting.ts';

/** How a frame's code stopped: it returned, it stands at a named point, or it calls or blocks. */
export interface Segment {
  readonly done: boolean;
  readonly result?: unknown;
  readonly point?: { readonly label: string; readonly args: Args };
}

const NOT_DONE: Segment = { done: false };

/** Runs the frame until it calls, reaches a point, blocks or returns. */
export function runSegment(k: Kernel, actors: Actors, actor: Actor, { generator }: Frame): Segment {
  for (;;) {
    const { done, value } = generator.next(actor.value);
    if (done) return { done: true, result: value };
    const effect = value as Effect;
    actor.value = undefined;
    switch (effect.op) {
      case 'call':
        actor.pending = effect;
        return NOT_DONE;
      case 'point':
        return { done: false, point: { label: effect.label, args: effect.args } };
      case 'unlock':
        release(k.world, actors, actor, effect.name);
        break;
      default:
        if (proceed(k.world, actor, effect)) break;
        k.note(`blocks on ${effect.name}`);
        return NOT_DONE;
    }
  }
}

/** Where an actor stands after a step: behind the entry of a function, at a named point. */
export function placesOf({ at, stack }: Actor, { kind, fn }: Draft): string[] {
  const entered = kind === 'point' || kind === 'return' ? [] : [fn];
  const top = stack[stack.length - 1];
  return at && top ? [...entered, `${top.name}:${at.label}`] : entered;
}
