import type { Facts } from '../../engine/facts.ts';
import type { Validity } from '../../engine/memmodel/model.ts';
import { modelOf } from '../../engine/memmodel/models.ts';
import type { World } from '../../engine/world/world.ts';

/** pfn_valid() and pfn_to_online_page() by the memory model's rule, with the test that decided. */
export function pfnValid(world: World, facts: Facts, pfn: number): Validity {
  return modelOf({ facts }).pfnValid({ world, facts }, pfn);
}
