import type { Facts } from '../facts.ts';
import { swapTypes } from '../hmm/swap-types.ts';
import type { World } from '../world/world.ts';

/** Who has the 32 types of swap entries; no file of the kernel prints it. */
export function swapTypesText(_world: World, facts: Facts): string {
  const { max_swapfiles, types } = swapTypes(facts);
  const lines = [`MAX_SWAPFILES ${max_swapfiles}`, `  0-${max_swapfiles - 1} swap files`];
  for (const { name, type } of types) lines.push(`  ${type} ${name}`);
  return `${lines.join('\n')}\n`;
}
