import type { Args, Value } from '../../../../shared/world/value.ts';
import { driverService, type ArgSpec, type DriverService } from '../device/services.ts';
import { call, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { dma_addressing_limited } from './addressing.ts';
import { dma_set_mask_and_coherent, dma_set_max_seg_size } from './device.ts';
import { dma_map_resource, type ResourceParams } from './map-resource.ts';
import { dma_map_sg, dma_map_sgtable } from './map-sg.ts';
import {
  DIRECTIONS,
  scatterlist,
  type Direction,
  type MappedSg,
  type PhysRange,
} from './scatterlist.ts';
import { pcie_transfer } from './transfer.ts';
import {
  dma_sync_sg_for_cpu,
  dma_sync_sg_for_device,
  dma_unmap_resource,
  dma_unmap_sg,
} from './unmap.ts';

/** Bytes of the whole physical address space: no BAR reaches past it. */
const MAX_ADDRESS = 1n << 52n;
/** Entries of one scatterlist: SG_MAX_SINGLE_ALLOC chained eight times. */
const MAX_ENTRIES = 1024;

const SG_ARGS: ArgSpec = {
  ...{ dev: 'text?', phys: 'address?', size: 'address?' },
  ...{ sg: 'list?', dir: 'text?' },
};

interface SgRequest {
  readonly dev: string;
  readonly ranges: readonly PhysRange[];
  readonly dir: Direction;
}

function direction(args: Args): Direction | undefined {
  const given = args['dir'] ?? 'DMA_BIDIRECTIONAL';
  return DIRECTIONS.find((known) => known === given);
}

function ranges(args: Args): readonly PhysRange[] | string {
  const { sg, phys, size } = args;
  const list = (sg ?? [{ phys, size }]) as readonly Value[];
  if (list.length > MAX_ENTRIES) return `sg takes at most ${MAX_ENTRIES} entries`;
  const found: PhysRange[] = [];
  for (const entry of list) {
    const { phys: start, size: bytes } = (entry ?? {}) as Record<string, Value>;
    if (typeof start !== 'bigint' || typeof bytes !== 'bigint' || start < 0n || bytes < 0n) {
      return 'it takes phys and size, or sg: records of { phys, size }: bytes (bigint)';
    }
    if (start + bytes > MAX_ADDRESS) return 'phys and size reach past the last physical address';
    found.push({ phys: start, size: bytes });
  }
  return found;
}

/** A list for a device; by default the one whose driver asks. */
function request(args: Args, id: string): SgRequest | string {
  const given = ranges(args);
  if (typeof given === 'string') return given;
  const dir = direction(args);
  if (!dir) return `dir takes one of ${DIRECTIONS.join(', ')}`;
  return { dev: (args['dev'] ?? id) as string, ranges: given, dir };
}

/** sg_alloc_table() and sg_set_page() for each entry. The kernel checks no page: the model does. */
const sg_alloc_table = leaf<{ ranges: readonly PhysRange[] }, ReturnType<typeof scatterlist>>(
  'sg_alloc_table',
  'lib/scatterlist.c:sg_alloc_table',
  (k, { ranges: given }) => scatterlist(k, given),
  { basis: 'model', show: ({ ranges: given }) => ({ nents: given.length }) },
);

/** What a driver does to have memory mapped: it fills in a list, then calls the mapping function. */
function mapping(fn: typeof dma_map_sgtable | typeof dma_map_sg) {
  return operation<SgRequest, Outcome<MappedSg | 0>>(
    'map_scatterlist',
    'plugins/pci.d.ts:dma_map_sgtable, dma_map_sg',
    function* (_k, { dev, ranges: given, dir }) {
      const sg = yield* call(sg_alloc_table, { ranges: given });
      if (failed(sg)) return sg;
      return yield* call(fn as typeof dma_map_sgtable, { dev, sg, dir });
    },
    {
      basis: 'model',
      show: ({ dev, ranges: given, dir }) => ({ dev, nents: given.length, dir }),
    },
  );
}

/** What a driver sees of a mapping: the first segment by itself, as lists mostly have one. */
function shown(mapped: MappedSg | 0): Value {
  if (mapped === 0) return { mapping: null, nents: 0, type: null, dma_address: null, segments: [] };
  const { id, segments } = mapped;
  const [first] = segments;
  return {
    ...{ mapping: id, nents: segments.length },
    ...{ type: first?.type ?? null, dma_address: first?.address ?? null },
    segments: segments.map(({ address, length, type, bounce }) => ({
      ...{ dma_address: address, length, type, bounce },
    })),
  };
}

const ID: ArgSpec = { mapping: 'count' };
const id = (args: Args): { id: number } => ({ id: args['mapping'] as number });

function resource(args: Args, name: string): ResourceParams | string {
  const given = request(args, name);
  if (typeof given === 'string') return given;
  const [{ phys, size } = { phys: 0n, size: 0n }] = given.ranges;
  return { dev: given.dev, phys, size, dir: given.dir };
}

const on = (args: Args, name: string): { dev: string } => ({
  dev: (args['dev'] ?? name) as string,
});

/** The kernel functions around DMA mapping that models call. */
export const dmaServices: readonly DriverService[] = [
  driverService(
    'dma_map_sgtable',
    SG_ARGS,
    mapping(dma_map_sgtable),
    (args, device) => request(args, device.id),
    shown as never,
  ),
  driverService(
    'dma_map_sg',
    SG_ARGS,
    mapping(dma_map_sg),
    (args, device) => request(args, device.id),
    shown as never,
  ),
  driverService('dma_unmap_sg', ID, dma_unmap_sg, id),
  driverService('dma_sync_sg_for_cpu', ID, dma_sync_sg_for_cpu, id),
  driverService('dma_sync_sg_for_device', ID, dma_sync_sg_for_device, id),
  driverService(
    'dma_map_resource',
    { dev: 'text?', phys: 'address', size: 'address', dir: 'text?' },
    dma_map_resource,
    (args, device) => resource(args, device.id),
    shown as never,
  ),
  driverService('dma_unmap_resource', ID, dma_unmap_resource, id),
  driverService(
    'dma_set_mask_and_coherent',
    { dev: 'text?', mask: 'address' },
    dma_set_mask_and_coherent,
    (args, device) => ({ ...on(args, device.id), mask: args['mask'] as bigint }),
  ),
  driverService(
    'dma_set_max_seg_size',
    { dev: 'text?', size: 'address' },
    dma_set_max_seg_size,
    (args, device) => ({ ...on(args, device.id), size: args['size'] as bigint }),
  ),
  driverService(
    'dma_addressing_limited',
    { dev: 'text?' },
    dma_addressing_limited,
    (args, device) => on(args, device.id),
    ((addressing: object) => ({ ...addressing })) as never,
  ),
  driverService(
    'pcie_transfer',
    { from: 'text?', to: 'text?', size: 'address', through_host_bridge: 'flag?' },
    pcie_transfer,
    (args) => ({
      from: (args['from'] ?? null) as string | null,
      to: (args['to'] ?? null) as string | null,
      size: (args['size'] ?? 0n) as bigint,
      through_host_bridge: args['through_host_bridge'] === true,
    }),
  ),
];
