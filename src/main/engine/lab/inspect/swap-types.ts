import type { Facts } from '../../core/facts.ts';
import { swapTypes } from '../../kernel/hmm/swap-types.ts';
import type { World } from '../../core/world/world.ts';

/** Who has the 32 types of swap entries; no file of the kernel prints it. */
export function swapTypesText(_world: World, facts: Facts): string {
  const { max_swapfiles, types } = swapTypes(facts);
  const lines = [`MAX_SWAPFILES ${max_swapfiles}`, `  0-${max_swapfiles - 1} swap files`];
  for (const { name, type } of types) lines.push(`  ${type} ${name}`);
  return `${lines.join('\n')}\n`;
}
