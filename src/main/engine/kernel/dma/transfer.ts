import { pathToRoot } from '../p2pdma/map-type.ts';
import { pciDev, type PciDev } from '../p2pdma/topology.ts';
import { count, DOWN, MEMORY, PEER, UP } from '../p2pdma/counters.ts';
import { fail, leaf, type Outcome } from '../../core/world/operation.ts';

/** Bytes that go from a device to another, or to or from memory (`null`). */
export interface TransferParams {
  readonly from: string | null;
  readonly to: string | null;
  readonly size: bigint;
  /** Through the host bridge even where a bridge below it is common to both. */
  readonly through_host_bridge: boolean;
}

/**
 * Moves bytes over the links between two ends and counts them on each. Packets to a bus address
 * turn around at the first bridge both ends share; all others go up to the host bridge.
 */
export const pcie_transfer = leaf<TransferParams, Outcome<void>>(
  'pcie_transfer',
  'plugins/services/dma.d.ts:pcie_transfer',
  (k, { from, to, size, through_host_bridge }) => {
    const [source, sink] = [from, to].map((name) => (name === null ? null : pciDev(k, name)));
    if (source === undefined || sink === undefined) return fail('ENODEV', 'no such PCI device');
    if (source === null && sink === null) return fail('EINVAL', 'neither end is a device');
    const up = source ? pathToRoot(k, source) : [];
    const down = sink ? pathToRoot(k, sink) : [];
    const common = through_host_bridge
      ? undefined
      : up.find(({ id }) => down.some((dev) => dev.id === id));
    const below = (path: PciDev[]): PciDev[] => {
      const end = path.findIndex(({ id }) => id === common?.id);
      return end < 0 ? path : path.slice(0, end);
    };
    for (const { device } of below(up)) count(k, device, UP, size);
    for (const { device } of below(down)) count(k, device, DOWN, size);
    if (!common) {
      const hosts = new Set([source?.host, sink?.host].filter((host) => host !== undefined));
      const name = source && sink ? PEER : MEMORY;
      for (const id of hosts) count(k, k.world.need('pci_hosts', id).device, name, size);
    }
    return undefined;
  },
  { basis: 'model' },
);
