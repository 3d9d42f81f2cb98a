import { call, fail, operation, type Outcome } from '../../core/world/operation.ts';
import { dma_get_required_mask, dmaDevice, type Addressing } from './device.ts';

/**
 * dma_addressing_limited(): is there memory this device cannot reach? It compares with max_pfn, so a
 * pagemap far above RAM that moves max_pfn limits a device that reaches all the RAM there is.
 */
export const dma_addressing_limited = operation<{ dev: string }, Outcome<Addressing>>(
  'dma_addressing_limited',
  'kernel/dma/mapping.c:dma_addressing_limited',
  function* (k, { dev }) {
    if (!k.facts.era.get('dma_addressing_limited')) {
      return fail('ENOSYS', 'dma_addressing_limited() is not in this kernel');
    }
    const { dma_mask } = dmaDevice(k, dev);
    const required_mask = yield* call(dma_get_required_mask, { dev });
    return { dma_mask, required_mask, limited: dma_mask < required_mask };
  },
);
