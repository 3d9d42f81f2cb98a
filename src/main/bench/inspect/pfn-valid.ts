import type { Facts } from '../../engine/core/facts.ts';
import type { Validity } from '../../engine/kernel/memmodel/model.ts';
import { modelOf } from '../../engine/kernel/memmodel/models.ts';
import type { World } from '../../engine/core/world/world.ts';

/** pfn_valid() and pfn_to_online_page() by the memory model's rule, with the test that decided. */
export function pfnValid(world: World, facts: Facts, pfn: number): Validity {
  return modelOf({ facts }).pfnValid({ world, facts }, pfn);
}
