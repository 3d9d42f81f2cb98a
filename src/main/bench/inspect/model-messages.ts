import type { StepSource } from '../../engine/core/world/timeline.ts';

/** A line that a hardware model printed, at the step it was printed in. */
export interface ModelMessage {
  readonly step: number;
  readonly actor: string;
  readonly fn: string;
  readonly level: string;
  readonly text: string;
}

/** What hardware models printed to the kernel log up to step `last`, the oldest first. */
export function modelMessages(source: StepSource, last: number): ModelMessage[] {
  const messages: ModelMessage[] = [];
  for (let step = 1; step <= last; step += 1) {
    const { diff, kind, parent, actor, fn } = source.step(step);
    for (const { table, to } of diff) {
      if (table !== 'kernel_log' || !to) continue;
      // After a request a model's lines stand in a point or the return of its own frame; what a
      // service of the kernel prints stands in its call.
      const inside = kind === 'point' || kind === 'return';
      const own = kind === 'plugin' || (inside && source.step(parent).kind === 'plugin');
      const [level, text] = [String(to['level']), String(to['text'])];
      if (own) messages.push({ step, actor, fn, level, text });
    }
  }
  return messages;
}
