import type { DmaSegment, SgEntry } from '../../../../shared/world/device-tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { pci_p2pdma_map_type, type MapType } from '../p2pdma/map-type.ts';
import {
  call,
  fail,
  failed,
  operation,
  type Failure,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { dmaDevice, type DmaDevice } from './device.ts';
import { dma_direct_map } from './direct.ts';
import {
  __finalise_sg,
  iommu_dma_alloc_iova,
  iommu_map_sg,
  iovaBytes,
  type IovaPiece,
} from './iommu.ts';
import { pci_p2pdma_state } from './p2pdma-segment.ts';
import { peerOf, remember, sg_phys, type Direction, type MappedSg } from './scatterlist.ts';

export interface MapSgParams {
  readonly dev: string;
  readonly sg: readonly SgEntry[];
  readonly dir: Direction;
}

interface ImplementationParams {
  readonly dev: DmaDevice;
  readonly sg: readonly SgEntry[];
}

interface MappedList {
  readonly dma: readonly DmaSegment[];
  readonly iova: { readonly start: bigint; readonly size: bigint } | null;
}

const show = ({ dev, sg }: ImplementationParams) => ({ dev: dev.id, nents: sg.length });
const REFUSED = 'pci_p2pdma_state() == PCI_P2PDMA_MAP_NOT_SUPPORTED';

/** Asked of each entry: the mapping functions know peer memory since 6.0 only. */
function* typeOf(
  k: Kernel,
  dev: DmaDevice,
  entry: SgEntry,
): Operation<{
  readonly type: MapType;
  readonly bus: bigint;
}> {
  const phys = sg_phys(k, entry);
  if (!peerOf(k, entry.pfn)) return { type: 'NONE', bus: phys };
  if (k.facts.era.get('p2pdma_in_dma_map')) return yield* call(pci_p2pdma_state, { dev, entry });
  k.note(`PFN ${entry.pfn} is a peer's, which the mapping functions do not look at before 6.0`);
  return { type: 'NONE', bus: phys };
}

/** dma_direct_map_sg(): entry by entry; on a failure those before it are unmapped again. */
const dma_direct_map_sg = operation<ImplementationParams, Outcome<MappedList>>(
  'dma_direct_map_sg',
  'kernel/dma/direct.c:dma_direct_map_sg',
  function* (k, { dev, sg }) {
    const dma: DmaSegment[] = [];
    for (const entry of sg) {
      const { type, bus } = yield* typeOf(k, dev, entry);
      const { length } = entry;
      if (type === 'BUS_ADDR') {
        dma.push({ address: bus, length, type, bounce: null });
        continue;
      }
      if (type === 'NOT_SUPPORTED') return fail('EREMOTEIO', REFUSED);
      const taken = dma.flatMap((done) => (done.bounce === null ? [] : [done.bounce, done.length]));
      const phys = sg_phys(k, entry);
      const params = { dev, phys, size: length, type, mmio: false, taken };
      const segment = yield* call(dma_direct_map, params);
      if (failed(segment)) return segment;
      dma.push(segment);
    }
    return { dma, iova: null };
  },
  { show },
);

/** iommu_dma_map_sg(): one IOVA range for all entries that take one. */
const iommu_dma_map_sg = operation<ImplementationParams, Outcome<MappedList>>(
  'iommu_dma_map_sg',
  'drivers/iommu/dma-iommu.c:iommu_dma_map_sg',
  function* (k, { dev, sg }) {
    const pieces: IovaPiece[] = [];
    let bytes = 0n;
    for (const entry of sg) {
      const { type, bus } = yield* typeOf(k, dev, entry);
      if (type === 'NOT_SUPPORTED') return fail('EREMOTEIO', REFUSED);
      pieces.push({ entry, type, bus: type === 'BUS_ADDR' ? bus : null });
      if (type !== 'BUS_ADDR') bytes += iovaBytes(k, entry);
    }
    if (bytes === 0n) {
      return { dma: yield* call(__finalise_sg, { dev, iova: 0n, pieces }), iova: null };
    }
    const iova = yield* call(iommu_dma_alloc_iova, { dev, size: bytes });
    if (!iova) return fail('ENOMEM', 'iommu_dma_alloc_iova() == 0');
    yield* call(iommu_map_sg, { iova: iova.start, pieces });
    return { dma: yield* call(__finalise_sg, { dev, iova: iova.start, pieces }), iova };
  },
  { show },
);

/** __dma_map_sg_attrs(): the segments, or the errno that dma_map_sg() hides. */
const __dma_map_sg_attrs = operation<MapSgParams, Outcome<MappedSg>>(
  (k) => (k.facts.era.get('dma_map_sg_errno') ? '__dma_map_sg_attrs' : 'dma_map_sg_attrs'),
  'kernel/dma/mapping.c:__dma_map_sg_attrs',
  function* (k, { dev: name, sg, dir }) {
    const dev = dmaDevice(k, name);
    const map_sg = dev.host?.iommu ? iommu_dma_map_sg : dma_direct_map_sg;
    const mapped = yield* call(map_sg, { dev, sg });
    if (failed(mapped)) return mapped;
    const { dma, iova } = mapped;
    const range = { iova_start: iova?.start ?? null, iova_size: iova?.size ?? 0n };
    return remember(k, { dev: dev.id, api: 'scatter-gather', dir, sg, dma, ...range });
  },
  { show: ({ dev, sg, dir }) => ({ dev, nents: sg.length, dir }) },
);

/**
 * pci_p2pdma_map_sg(): what drivers called themselves until 6.0, when a list began with a peer's
 * page. The first page speaks for the whole list: RAM mixed in gets a bus address that is no one's.
 */
const pci_p2pdma_map_sg = operation<MapSgParams, Outcome<MappedSg>>(
  (k) =>
    k.facts.era.get('p2pdma_host_bridges') === 'listed'
      ? 'pci_p2pdma_map_sg_attrs'
      : 'pci_p2pdma_map_sg',
  'drivers/pci/p2pdma.c:pci_p2pdma_map_sg_attrs',
  function* (k, params) {
    const { sg, dir } = params;
    const dev = dmaDevice(k, params.dev);
    const [first] = sg;
    const peer = first && peerOf(k, first.pfn);
    if (!peer) return fail('EINVAL', '!is_pci_p2pdma_page(sg_page(sg))');
    let type: MapType = 'BUS_ADDR';
    // Until 5.4 it knew bus addresses only and did not ask who maps.
    if (k.facts.era.get('p2pdma_host_bridges') === 'listed') {
      const params = { provider: peer.provider, dev: dev.id };
      type = yield* call(pci_p2pdma_map_type, params);
    }
    if (type === 'THRU_HOST_BRIDGE') {
      const mapped = yield* call(__dma_map_sg_attrs, params);
      if (failed(mapped)) return mapped;
      const row = k.world.need('dma_mappings', mapped.id);
      const dma = row.dma.map((segment) => ({ ...segment, type }));
      k.world.patch('dma_mappings', mapped.id, { dma });
      return { id: mapped.id, segments: dma };
    }
    if (type !== 'BUS_ADDR') {
      return fail('EIO', 'pci_p2pdma_map_sg() == 0: PCI_P2PDMA_MAP_NOT_SUPPORTED');
    }
    const dma = sg.map((entry) => {
      const other = peerOf(k, entry.pfn)?.provider !== peer.provider;
      if (other) k.note(`PFN ${entry.pfn} is none of ${peer.provider}'s: its address is wrong`);
      const address = BigInt.asUintN(64, sg_phys(k, entry) + peer.bus_offset);
      return { address, length: entry.length, type, bounce: null };
    });
    const range = { iova_start: null, iova_size: 0n };
    return remember(k, { dev: dev.id, api: 'scatter-gather', dir, sg, dma, ...range });
  },
  { show: ({ dev, sg, dir }) => ({ dev, nents: sg.length, dir }) },
);

const hidden = (failure: Failure, errno: string): Failure =>
  fail(errno, `nents == 0: ${failure.check}`);

/** dma_map_sg(): how many segments; 0 whatever went wrong. */
export const dma_map_sg = operation<MapSgParams, MappedSg | 0>(
  'dma_map_sg',
  'kernel/dma/mapping.c:dma_map_sg_attrs',
  function* (k, params) {
    const mapped = yield* call(__dma_map_sg_attrs, params);
    return failed(mapped) ? 0 : mapped;
  },
  { show: ({ dev, sg, dir }) => ({ dev, nents: sg.length, dir }) },
);

/**
 * dma_map_sgtable(): the errno of a failure since 5.15, -EINVAL for all of them from 5.8 on. Before
 * 5.8 this is a driver that calls dma_map_sg() and makes -EIO of 0, and until 6.0 one that asks for
 * peers itself, as rdma_rw_map_sg() and nvme_map_data() did.
 */
export const dma_map_sgtable = operation<MapSgParams, Outcome<MappedSg>>(
  (k) => (k.facts.era.get('dma_map_sgtable') ? 'dma_map_sgtable' : 'dma_map_sg'),
  'kernel/dma/mapping.c:dma_map_sgtable',
  function* (k, params) {
    const { era } = k.facts;
    const [first] = params.sg;
    if (!era.get('p2pdma_in_dma_map') && first && peerOf(k, first.pfn)) {
      return yield* call(pci_p2pdma_map_sg, params);
    }
    const mapped = yield* call(__dma_map_sg_attrs, params);
    if (!failed(mapped) || era.get('dma_map_sg_errno')) return mapped;
    return hidden(mapped, era.get('dma_map_sgtable') ? 'EINVAL' : 'EIO');
  },
  { show: ({ dev, sg, dir }) => ({ dev, nents: sg.length, dir }) },
);
