import { sg_phys } from '../../kernel/dma/scatterlist.ts';
import { poolSizes } from '../../kernel/p2pdma/provider.ts';
import { pciDev } from '../../kernel/p2pdma/topology.ts';
import type { Getter } from './expect.ts';

/** A live mapping of a device: the one of a number, or with a segment at an address, or the first. */
export const dmaMapping: Getter<'dma_mapping'> = ({ world, facts }, { dev, id, dma_address }) => {
  const name = pciDev({ world }, dev)?.id ?? dev;
  const title = `dma_mapping of ${dev}${id === undefined ? '' : ` #${id}`}`;
  for (const row of world.rows('dma_mappings')) {
    if (row.dev !== name || (id !== undefined && row.id !== id)) continue;
    const at = row.dma.findIndex(({ address }) => (dma_address ?? address) === address);
    const segment = row.dma[at];
    const entry = row.sg[Math.min(at, row.sg.length - 1)];
    if (!segment || !entry) continue;
    const { api, dir, dma } = row;
    const { type, length, bounce } = segment;
    const fields = { api, dir, nents: dma.length, type, length, bounced: bounce !== null };
    return { title, fields: { ...fields, phys: sg_phys({ facts }, entry) } };
  }
  return { title, fields: undefined };
};

/** p2pmem/ of a provider. */
export const p2pmem: Getter<'p2pmem'> = ({ world }, { provider }) => {
  const row = world.get('p2pdma', pciDev({ world }, provider)?.id ?? provider);
  const title = `p2pmem of ${provider}`;
  if (!row) return { title, fields: undefined };
  const { published, map_types } = row;
  return { title, fields: { ...poolSizes({ world }, row.provider), published, map_types } };
};
