import type { Kernel } from '../../core/facts.ts';
import { call, type KernelFunction, type None } from '../../core/world/operation.ts';
import { init_sections } from '../memmodel/init-sections.ts';

/**
 * Where an architecture sets up its sections, then its zones. Kernels whose free_area_init sets
 * up sections itself are called from generic code (mm_core_init_early), and nothing is left to do
 * here. Run inside the caller's step.
 *
 * @param zones the architecture's function that ends in free_area_init
 */
export function* initSectionsZones(k: Kernel, zones: KernelFunction<None, unknown>) {
  if (k.facts.era.get('sparse_init_in_free_area_init')) return;
  yield* init_sections(k);
  yield* call(zones, {});
}
