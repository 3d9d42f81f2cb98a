import type { MAP_TYPES } from '../../../../shared/world/device-tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { PCI_ACS_CR, PCI_ACS_EC, PCI_ACS_RR } from './acs.ts';
import { dev_name, pci_upstream_bridge, pciDev, type PciDev } from './topology.ts';
import { cpu_supports_p2pdma, host_bridge_whitelist } from './whitelist.ts';

/** enum pci_p2pdma_map_type; NONE is a page of no peer. */
export type MapType = (typeof MAP_TYPES)[number] | 'NOT_SUPPORTED';

/** A PCI name of a provider and of a client; `verbose`: warn about a path that does not work. */
export interface Peers {
  readonly provider: string;
  readonly client: string;
  readonly verbose: boolean;
}

/** Before host bridges were on a list, a path through an allowed one counted as this far. */
const ROOT_COMPLEX_DISTANCE = 0x1000;

/** pci_bridge_has_acs_redir(): does this port send peer requests up instead of across? */
export const pci_bridge_has_acs_redir = leaf<{ pdev: string }, boolean>(
  'pci_bridge_has_acs_redir',
  'drivers/pci/p2pdma.c:pci_bridge_has_acs_redir',
  (k, { pdev }) => {
    const { acs } = k.world.need('pci_devices', pdev);
    return (acs & (PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_EC)) !== 0;
  },
);

/** A device and the bridges above it, root port last. */
export function pathToRoot(k: Kernel, dev: PciDev): PciDev[] {
  const path: PciDev[] = [];
  for (let at: PciDev | undefined = dev; at; at = pci_upstream_bridge(k, at)) path.push(at);
  return path;
}

export interface MapTypeAndDist {
  readonly type: MapType;
  /** Hops; -1 where a kernel before 5.4 gives none. */
  readonly dist: number;
}

/** calc_map_type_and_dist(): walks both up to a common bridge, and caches the type it finds. */
export const calc_map_type_and_dist = operation<Peers, MapTypeAndDist>(
  (k) =>
    k.facts.era.get('p2pdma_host_bridges') === 'listed'
      ? 'calc_map_type_and_dist'
      : 'upstream_bridge_distance',
  'drivers/pci/p2pdma.c:calc_map_type_and_dist',
  function* (k, { provider, client, verbose }) {
    const a = pathToRoot(k, k.world.need('pci_devices', provider));
    const b = pathToRoot(k, k.world.need('pci_devices', client));
    const distA = a.findIndex((dev) => b.some(({ id }) => id === dev.id));
    const common = distA < 0 ? undefined : a[distA];
    const distB = common ? b.findIndex(({ id }) => id === common.id) : b.length;
    const dist = (common ? distA : a.length) + distB;
    const redirects: string[] = [];
    // The common bridge itself is on the provider's leg; without one the whole leg is looked at.
    for (const { id } of [
      ...a.slice(0, common ? distA + 1 : a.length),
      ...b.slice(0, common ? distB : 0),
    ]) {
      if (yield* call(pci_bridge_has_acs_redir, { pdev: id })) redirects.push(id);
    }
    if (common && redirects.length === 0) return remember(k, provider, client, 'BUS_ADDR', dist);
    if (common && verbose) warnAboutAcs(k, { provider, client, redirects });
    const { era } = k.facts;
    const listed = era.get('p2pdma_host_bridges') === 'listed';
    const [x, y] = [k.world.need('pci_devices', provider), k.world.need('pci_devices', client)];
    const allowed =
      (listed || !common) && (cpu_supports_p2pdma(k) || host_bridge_whitelist(k, x, y, verbose));
    if (allowed) {
      const far = listed ? dist : ROOT_COMPLEX_DISTANCE + dist;
      return remember(k, provider, client, 'THRU_HOST_BRIDGE', far);
    }
    if (verbose) {
      const text = `cannot be used for peer-to-peer DMA as the client and provider (${provider}) do not share an upstream bridge or whitelisted host bridge`;
      k.printk('warn', `${dev_name(k, y)}: ${text}`);
    }
    return remember(k, provider, client, 'NOT_SUPPORTED', listed ? dist : -1);
  },
);

function warnAboutAcs(
  k: Kernel,
  peers: { provider: string; client: string; redirects: string[] },
): void {
  const { provider, client, redirects } = peers;
  const name = dev_name(k, k.world.need('pci_devices', client));
  k.printk('warn', `${name}: ACS redirect is set between the client and provider (${provider})`);
  const parameter = `pci=disable_acs_redir=${redirects.join(';')}`;
  k.printk(
    'warn',
    `${name}: to disable ACS redirect for this path, add the kernel parameter: ${parameter}`,
  );
}

/** xa_store(&p2pdma->map_types): only a provider with peer memory has the xarray. */
function remember(
  k: Kernel,
  provider: string,
  client: string,
  type: MapType,
  dist: number,
): MapTypeAndDist {
  const p2pdma = k.world.get('p2pdma', provider);
  if (p2pdma && k.facts.era.get('p2pdma_host_bridges') === 'listed') {
    const map_types = { ...p2pdma.map_types, [client]: type };
    k.world.patch('p2pdma', provider, { map_types });
  }
  return { type, dist };
}

/** pci_p2pdma_map_type(): the cached type, else worked out now. `dev` may be no PCI device. */
export const pci_p2pdma_map_type = operation<{ provider: string; dev: string }, MapType>(
  'pci_p2pdma_map_type',
  'drivers/pci/p2pdma.c:pci_p2pdma_map_type',
  function* (k, { provider, dev }) {
    const p2pdma = k.world.get('p2pdma', provider);
    const client = pciDev(k, dev);
    if (!p2pdma || !client) return 'NOT_SUPPORTED';
    const cached = p2pdma.map_types[client.id];
    if (cached !== undefined) return cached as MapType;
    const peers = { provider, client: client.id, verbose: true };
    return (yield* call(calc_map_type_and_dist, peers)).type;
  },
);
