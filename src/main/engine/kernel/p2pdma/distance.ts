import { call, operation } from '../../core/world/operation.ts';
import { calc_map_type_and_dist } from './map-type.ts';
import { pciDev } from './topology.ts';

export interface ManyParams {
  readonly provider: string;
  /** Devices of the bench or PCI names. */
  readonly clients: readonly string[];
  readonly verbose: boolean;
}

/** pci_p2pdma_distance_many(): the sum of the hops, or -1 where one client cannot take part. */
export const pci_p2pdma_distance_many = operation<ManyParams, number>(
  'pci_p2pdma_distance_many',
  'drivers/pci/p2pdma.c:pci_p2pdma_distance_many',
  function* (k, { provider, clients, verbose }) {
    const from = pciDev(k, provider);
    if (!from || clients.length === 0) return -1;
    let distance = 0;
    let supported = true;
    for (const name of clients) {
      const client = pciDev(k, name);
      if (!client) {
        const text = 'cannot be used for peer-to-peer DMA as it is not a PCI device';
        if (verbose) k.printk('warn', `${name}: ${text}`);
        return -1;
      }
      const peers = { provider: from.id, client: client.id, verbose };
      const { type, dist } = yield* call(calc_map_type_and_dist, peers);
      if (type === 'NOT_SUPPORTED') supported = false;
      if (!supported && !verbose) break;
      distance += dist;
    }
    return supported ? distance : -1;
  },
  { show: ({ clients, ...rest }) => ({ ...rest, clients: clients.join(' ') }) },
);

/**
 * pci_p2pmem_find_many(): a published provider with the lowest sum of distances; among several that
 * are as near, one at random, as the lab's seed has it.
 */
export const pci_p2pmem_find_many = operation<{ clients: readonly string[] }, string | null>(
  'pci_p2pmem_find_many',
  'drivers/pci/p2pdma.c:pci_p2pmem_find_many',
  function* (k, { clients }) {
    let closest = Infinity;
    let found: string[] = [];
    const providers = [...k.world.rows('p2pdma')].map(({ provider }) => provider).sort();
    for (const provider of providers) {
      if (!k.world.need('p2pdma', provider).published) continue;
      const params = { provider, clients, verbose: false };
      const distance = yield* call(pci_p2pdma_distance_many, params);
      if (distance < 0 || distance > closest) continue;
      found = distance < closest ? [provider] : [...found, provider];
      closest = distance;
    }
    const [first = null] = found;
    if (found.length < 2) return first;
    k.note(`as near as each other: ${found.join(', ')}`);
    return found[k.random(found.length)] ?? first;
  },
  { show: ({ clients }) => ({ clients: clients.join(' ') }) },
);
