import type { SgEntry } from '../../../../shared/world/device-tables.ts';
import { pci_p2pdma_map_type, type MapType } from '../p2pdma/map-type.ts';
import { call, operation } from '../../core/world/operation.ts';
import type { DmaDevice } from './device.ts';
import { peerOf, sg_phys } from './scatterlist.ts';

/** What pci_p2pdma_map_segment() says of an entry; `bus`: the address peers know it by. */
export interface P2pSegment {
  readonly type: MapType;
  readonly bus: bigint;
}

/**
 * pci_p2pdma_state(), pci_p2pdma_map_segment() before it: how an entry's pages are reached. Each
 * entry is asked about, so a list may mix RAM and the memory of several peers.
 */
export const pci_p2pdma_state = operation<{ dev: DmaDevice; entry: SgEntry }, P2pSegment>(
  (k) => (k.facts.era.get('dma_map_phys') ? '__pci_p2pdma_update_state' : 'pci_p2pdma_map_segment'),
  'drivers/pci/p2pdma.c:__pci_p2pdma_update_state',
  function* (k, { dev, entry }) {
    const phys = sg_phys(k, entry);
    const peer = peerOf(k, entry.pfn);
    if (!peer) return { type: 'NONE', bus: phys };
    const params = { provider: peer.provider, dev: dev.id };
    return { type: yield* call(pci_p2pdma_map_type, params), bus: phys + peer.bus_offset };
  },
  { show: ({ dev, entry }) => ({ dev: dev.id, pfn: entry.pfn }) },
);
