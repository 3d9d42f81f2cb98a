import type { ArgsOf } from '../../../../shared/plugins/declaration.ts';
import { DMA_SERVICES } from '../../../../shared/plugins/services/dma.ts';
import type { DeviceFacts } from '../device/model.ts';
import { driverServices, serve } from '../device/services.ts';
import {
  call,
  failed,
  leaf,
  operation,
  type KernelFunction,
  type Outcome,
} from '../../core/world/operation.ts';
import { dma_addressing_limited } from './addressing.ts';
import { dma_set_mask_and_coherent, dma_set_max_seg_size } from './device.ts';
import { dma_map_resource } from './map-resource.ts';
import { dma_map_sg, dma_map_sgtable, type MapSgParams } from './map-sg.ts';
import type { PhysRange } from '../p2pdma/scatterlist.ts';
import { scatterlist, type Direction, type MappedSg } from './scatterlist.ts';
import { pcie_transfer } from './transfer.ts';
import {
  dma_sync_sg_for_cpu,
  dma_sync_sg_for_device,
  dma_unmap_resource,
  dma_unmap_sg,
} from './unmap.ts';

interface SgRequest {
  readonly dev: string;
  readonly ranges: readonly PhysRange[];
  readonly dir: Direction;
}

/** A list for a device; by default the one whose driver asks. */
function listFor(map: MapSg) {
  return (
    { dev, dir, phys, size, sg }: ArgsOf<typeof DMA_SERVICES.dma_map_sg>,
    { id }: DeviceFacts,
  ) => {
    const one = phys === undefined || size === undefined ? [] : [{ phys, size }];
    return { map, dev: dev ?? id, ranges: sg ?? one, dir };
  };
}

/** sg_alloc_table() and sg_set_page() for each entry. The kernel checks no page: the model does. */
const sg_alloc_table = leaf<{ ranges: readonly PhysRange[] }, ReturnType<typeof scatterlist>>(
  'sg_alloc_table',
  'lib/scatterlist.c:sg_alloc_table',
  (k, { ranges }) => scatterlist(k, ranges),
  { basis: 'model', show: ({ ranges }) => ({ nents: ranges.length }) },
);

type MapSg = KernelFunction<MapSgParams, Outcome<MappedSg | 0>>;

/** What a driver does to have memory mapped: it fills in a list, then calls the mapping function. */
const map_scatterlist = operation<SgRequest & { readonly map: MapSg }, Outcome<MappedSg | 0>>(
  'map_scatterlist',
  'plugins/services/dma.d.ts:dma_map_sgtable, dma_map_sg',
  function* (_k, { map, dev, ranges, dir }) {
    const sg = yield* call(sg_alloc_table, { ranges });
    if (failed(sg)) return sg;
    return yield* call(map, { dev, sg, dir });
  },
  { basis: 'model', show: ({ dev, ranges, dir }) => ({ dev, nents: ranges.length, dir }) },
);

const NOT_MAPPED = {
  mapping: null,
  nents: 0,
  type: null,
  dma_address: null,
  segments: [],
} as const;

/** What a driver sees of a mapping: the first segment by itself, as lists mostly have one. */
function shown(found: MappedSg | 0) {
  if (found === 0) throw new Error('only dma_map_sg() gives 0');
  const { id, segments } = found;
  const list = segments.map(({ address, length, type, bounce }) => ({
    ...{ dma_address: address, length, type, bounce },
  }));
  const [first] = list;
  if (!first) throw new Error(`mapping ${id} has no segment`);
  const { type, dma_address } = first;
  return { ...{ mapping: id, nents: list.length }, type, dma_address, segments: list };
}

const id = ({ mapping }: { readonly mapping: number }) => ({ id: mapping });

/** By default the device whose driver asks. */
function on<A extends { readonly dev?: string | undefined }>(args: A, { id: own }: DeviceFacts) {
  return { ...args, dev: args.dev ?? own };
}

/** The kernel functions around DMA mapping that models call. */
export const dmaServices = driverServices(DMA_SERVICES, {
  dma_map_sgtable: serve(map_scatterlist, listFor(dma_map_sgtable), shown),
  dma_map_sg: serve(map_scatterlist, listFor(dma_map_sg), (found) =>
    found === 0 ? NOT_MAPPED : shown(found),
  ),
  dma_unmap_sg: serve(dma_unmap_sg, id),
  dma_sync_sg_for_cpu: serve(dma_sync_sg_for_cpu, id),
  dma_sync_sg_for_device: serve(dma_sync_sg_for_device, id),
  dma_map_resource: serve(dma_map_resource, on, shown),
  dma_unmap_resource: serve(dma_unmap_resource, id),
  dma_set_mask_and_coherent: serve(dma_set_mask_and_coherent, on),
  dma_set_max_seg_size: serve(dma_set_max_seg_size, on),
  dma_addressing_limited: serve(dma_addressing_limited, on),
  pcie_transfer: serve(pcie_transfer, ({ from, to, ...args }) => ({
    ...args,
    from: from ?? null,
    to: to ?? null,
  })),
});
