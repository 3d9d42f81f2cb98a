import type { P2pChunk } from '../../../../shared/world/device-tables.ts';
import { enabled } from '../../core/arch/config.ts';
import type { Kernel } from '../../core/facts.ts';
import { devm_memremap_pages } from '../memremap/memremap.ts';
import { memunmap_pages } from '../memremap/memunmap.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { add_allocate_file, pci_p2pdma_unmap_mappings } from './sysfs-allocate.ts';
import {
  chunkOf,
  gen_pool_alloc,
  gen_pool_free,
  pageAligned,
  percpu_ref_put,
  percpu_ref_tryget_live,
} from './gen-pool.ts';
import { dev_name, pciDev } from './topology.ts';

export interface AddResourceParams {
  readonly pdev: string;
  readonly bar: number;
  /** Bytes; 0 for the rest of the BAR. */
  readonly size: bigint;
  readonly offset: bigint;
}

/**
 * pci_p2pdma_add_resource(): struct pages and a gen_pool for a BAR or a part of it.
 * Whether the range may be mapped (whole sub-sections since 5.3) is for memremap_pages to say.
 */
export const pci_p2pdma_add_resource = operation<AddResourceParams, Outcome<void>>(
  'pci_p2pdma_add_resource',
  'drivers/pci/p2pdma.c:pci_p2pdma_add_resource',
  function* (k, { pdev, bar, size: wanted, offset }) {
    if (!enabled(k.facts.config, 'PCI_P2PDMA')) return fail('EINVAL', '!CONFIG_PCI_P2PDMA');
    const dev = pciDev(k, pdev);
    if (!dev) return fail('ENODEV', `there is no ${pdev}`);
    const found = dev.bars.find((candidate) => candidate.bar === bar);
    if (!found) return fail('EINVAL', '!(pci_resource_flags(pdev, bar) & IORESOURCE_MEM)');
    if (offset >= found.size) return fail('EINVAL', 'offset >= pci_resource_len(pdev, bar)');
    const size = wanted === 0n ? found.size - offset : wanted;
    if (size + offset > found.size) {
      return fail('EINVAL', 'size + offset > pci_resource_len(pdev, bar)');
    }
    if (!k.world.get('p2pdma', dev.id)) yield* call(pci_p2pdma_setup, { pdev: dev.id });
    const start = found.start + offset;
    const nid = k.world.get('devices', dev.device)?.node ?? 0;
    const pages = yield* call(devm_memremap_pages, {
      type: 'PCI_P2PDMA',
      ranges: [{ start, end: start + size - 1n }],
      nid,
      device: dev.device,
      // p2pdma_pgmap_ops: pages that processes map come back one by one.
      ops: k.facts.era.get('p2pmem_allocate') ? [k.facts.era.get('pagemap_free_op')] : [],
    });
    if (failed(pages)) return pages;
    const bus = start - k.world.need('pci_hosts', dev.host).bus_offset;
    const chunk: P2pChunk = { start, size, bus, pgmap: pages.pgmap };
    yield* call(gen_pool_add_owner, { pdev: dev.id, ...chunk });
    const range = `0x${start.toString(16)}-0x${(start + size - 1n).toString(16)}`;
    k.printk('info', `${dev_name(k, dev)}: added peer-to-peer DMA memory ${range}`);
    return undefined;
  },
);

/** pci_p2pdma_setup(): an empty pool, and p2pmem/ in sysfs. */
const pci_p2pdma_setup = leaf<{ pdev: string }, void>(
  (k) => k.facts.era.get('pci_p2pdma_setup'),
  'drivers/pci/p2pdma.c:pci_p2pdma_setup',
  (k, { pdev }) => {
    const empty = { published: false, chunks: [], allocated: [], map_types: {} };
    k.world.put('p2pdma', { provider: pdev, ...empty });
    add_allocate_file(k, pdev);
  },
);

const gen_pool_add_owner = leaf<P2pChunk & { pdev: string }, void>(
  'gen_pool_add_owner',
  'lib/genalloc.c:gen_pool_add_owner',
  (k, { pdev, ...chunk }) => {
    const { chunks } = k.world.need('p2pdma', pdev);
    k.world.patch('p2pdma', pdev, { chunks: [...chunks, chunk] });
  },
);

/** Sizes as p2pmem/size and p2pmem/available have them, in bytes. */
export function poolSizes(
  { world }: Pick<Kernel, 'world'>,
  provider: string,
): { size: bigint; available: bigint } {
  const { chunks, allocated } = world.need('p2pdma', provider);
  const sum = (parts: readonly { size: bigint }[]): bigint =>
    parts.reduce((total, part) => total + part.size, 0n);
  return { size: sum(chunks), available: sum(chunks) - sum(allocated) };
}

/** pci_p2pmem_publish(): may the memory be found by those who look for any? */
export const pci_p2pmem_publish = leaf<{ pdev: string; publish: boolean }, void>(
  'pci_p2pmem_publish',
  'drivers/pci/p2pdma.c:pci_p2pmem_publish',
  (k, { pdev, publish }) => {
    const dev = pciDev(k, pdev);
    if (dev && k.world.get('p2pdma', dev.id)) {
      k.world.patch('p2pdma', dev.id, { published: publish });
    }
  },
);

/** pci_alloc_p2pmem(): the memory's CPU physical address; null where the pool has no room. */
export const pci_alloc_p2pmem = operation<{ pdev: string; size: bigint }, bigint | null>(
  'pci_alloc_p2pmem',
  'drivers/pci/p2pdma.c:pci_alloc_p2pmem',
  function* (k, { pdev, size: wanted }) {
    const dev = pciDev(k, pdev);
    const pool = dev && k.world.get('p2pdma', dev.id);
    if (!pool || wanted === 0n) return null;
    const size = pageAligned(k, wanted);
    const found = gen_pool_alloc(pool.chunks, pool.allocated, size);
    if (!found) return null;
    const { start, chunk } = found;
    if (!(yield* call(percpu_ref_tryget_live, { pgmap: chunk.pgmap }))) return null;
    const { allocated } = k.world.need('p2pdma', dev.id);
    k.world.patch('p2pdma', dev.id, { allocated: [...allocated, { start, size }] });
    return start;
  },
);

/** pci_free_p2pmem(): what pci_alloc_p2pmem() gave. */
export const pci_free_p2pmem = operation<
  { pdev: string; address: bigint; size: bigint },
  Outcome<void>
>('pci_free_p2pmem', 'drivers/pci/p2pdma.c:pci_free_p2pmem', function* (k, params) {
  const dev = pciDev(k, params.pdev);
  const pool = dev && k.world.get('p2pdma', dev.id);
  const range = { start: params.address, size: pageAligned(k, params.size) };
  const allocated = pool && gen_pool_free(pool.allocated, range);
  if (!dev || !allocated) return fail('EFAULT', 'gen_pool_free_owner: BUG()');
  k.world.patch('p2pdma', dev.id, { allocated });
  const chunk = chunkOf(pool.chunks, params.address);
  if (chunk) yield* call(percpu_ref_put, { pgmap: chunk.pgmap });
  return undefined;
});

/**
 * What devres does with peer memory when its driver goes: every pagemap waits for its last
 * reference, then the pool and p2pmem/ go.
 */
export const pci_p2pdma_release = operation<{ pdev: string }, Outcome<void>>(
  'pci_p2pdma_release',
  'drivers/pci/p2pdma.c:pci_p2pdma_release',
  function* (k, { pdev }) {
    const dev = pciDev(k, pdev);
    const pool = dev && k.world.get('p2pdma', dev.id);
    if (!pool) return undefined;
    if (k.facts.era.get('p2pmem_allocate'))
      yield* call(pci_p2pdma_unmap_mappings, { pdev: dev.id });
    for (const { pgmap } of [...pool.chunks].reverse()) yield* call(memunmap_pages, { pgmap });
    k.world.remove('p2pdma', dev.id);
    return undefined;
  },
);
