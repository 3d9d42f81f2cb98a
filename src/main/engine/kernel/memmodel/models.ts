import type { Look } from '../../core/direct-map.ts';
import { discontigmem } from './discontigmem.ts';
import { flatmem } from './flatmem.ts';
import type { MemoryModel } from './model.ts';
import { sparsemem } from './sparsemem.ts';
import { vmemmap } from './vmemmap.ts';

/** The memory model of this run's kernel. */
export function modelOf({ facts }: Pick<Look, 'facts'>): MemoryModel {
  switch (facts.arch.memory_model) {
    case 'flatmem':
      return flatmem;
    case 'discontigmem':
      return discontigmem;
    case 'sparsemem':
      return sparsemem;
    default:
      return vmemmap;
  }
}
