import type { Facts } from '../../engine/core/facts.ts';
import { modelOf } from '../../engine/kernel/memmodel/models.ts';
import type { World } from '../../engine/core/world/world.ts';

/** pfn to page and back by this kernel's memory model, one line a step, with this machine's numbers. */
export function conversion(facts: Facts, world: World, pfn: number): string[] {
  const look = { facts, world };
  const model = modelOf(look);
  const { valid, why } = model.pfnValid(look, pfn);
  const there = model.pfnToPage(look, pfn);
  const back = there.page === undefined ? undefined : model.pageToPfn(look, there.page);
  return [
    `pfn_valid: ${valid ? 'true' : 'false'}, ${why}`,
    ...[...there.steps, ...(back?.steps ?? [])].map(({ what, text }) => `${what}: ${text}`),
  ];
}

/** Address of the struct page of a PFN; undefined where the kernel has none to point to. */
export function pageAddress(facts: Facts, world: World, pfn: number): bigint | undefined {
  return modelOf({ facts }).pfnToPage({ facts, world }, pfn).page;
}
