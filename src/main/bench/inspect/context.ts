import type { Facts } from '../../engine/core/facts.ts';
import type { StepSource } from '../../engine/core/world/timeline.ts';
import type { World } from '../../engine/core/world/world.ts';
import type { Authors } from './authors.ts';
import type { StepTree } from './tree.ts';

/** What an inspection looks at: the world as it was after step `at`, and how it came to be. */
export interface Inspection {
  readonly facts: Facts;
  readonly world: World;
  readonly source: StepSource;
  readonly at: number;
  readonly authors: Authors;
  readonly tree: StepTree;
}
