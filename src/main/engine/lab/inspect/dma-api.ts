import type { Facts } from '../../core/facts.ts';
import { sg_phys } from '../../kernel/dma/scatterlist.ts';
import { poolSizes } from '../../kernel/p2pdma/provider.ts';
import { dev_name } from '../../kernel/p2pdma/topology.ts';
import type { World } from '../../core/world/world.ts';

/** kernel/dma/debug.c: 16384 hash buckets of 8 KiB each. */
function hash_fn(dev_addr: bigint): bigint {
  return (dev_addr >> 13n) & 0x3fffn;
}

/**
 * /sys/kernel/debug/dma-api/dump of a kernel with CONFIG_DMA_API_DEBUG: a line for each segment of
 * a live mapping, with the physical address, page, bus address and length it is known by. How its
 * pages are reached and where it is bounced to stand after it; no kernel prints those.
 */
export function dmaMappingsText(world: World, facts: Facts): string {
  const k = { world, facts };
  const lines: string[] = [];
  for (const { dev, api, dir, sg, dma } of world.rows('dma_mappings')) {
    const pdev = world.get('pci_devices', dev);
    const name = pdev ? dev_name(k, pdev) : dev;
    for (const [at, { address, length, type, bounce }] of dma.entries()) {
      const entry = sg[Math.min(at, sg.length - 1)];
      if (!entry) continue;
      const [p, d, l] = [sg_phys(k, entry), address, length].map((v) => v.toString(16));
      const n = entry.pfn.toString(16);
      const checked =
        api === 'resource' ? 'dma map error checked' : 'dma map error check not applicable';
      const bounced = bounce === null ? '' : ` bounce=${bounce.toString(16)}`;
      lines.push(
        `${name} ${api} idx ${hash_fn(address)} P=${p} N=${n} D=${d} L=${l} ${dir} ${checked} ${type}${bounced}\n`,
      );
    }
  }
  return lines.join('');
}

/** /sys/bus/pci/devices/.../p2pmem of every provider: its files on a line, bytes. */
export function p2pmemText(world: World): string {
  return [...world.rows('p2pdma')]
    .map(({ provider, published }) => {
      const { size, available } = poolSizes({ world }, provider);
      return `${provider} size=${size} available=${available} published=${Number(published)}\n`;
    })
    .join('');
}
