import type { Step } from '../../../shared/world/step.ts';

/** Records that a step added, updated and removed. */
export interface ChangeCounts {
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
}

/** How many records a step changed, and how. */
export function changeCounts({ diff }: Pick<Step, 'diff'>): ChangeCounts {
  let added = 0;
  let updated = 0;
  let removed = 0;
  for (const { from, to } of diff) {
    if (!from) added += 1;
    else if (!to) removed += 1;
    else updated += 1;
  }
  return { added, updated, removed };
}
