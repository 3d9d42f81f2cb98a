// SPDX-License-Identifier: MIT
// A virtio-pmem device: memory of the guest that the host keeps in a file, and flushes when asked.
import { async_pmem_flush } from './flush.js';

/** @import { Kernel, Models, Steps } from '../api.d.ts' */

const VIRTIO_PMEM = 'drivers/nvdimm/virtio_pmem.c';
const REGION = 'drivers/nvdimm/region_devs.c';
const PMEM = 'drivers/nvdimm/pmem.c';

/** @param {unknown} value @returns {value is number} */
const isError = (value) => typeof value === 'number' && value < 0;
/** @param {Kernel} k */
const disk = (k) => `pmem${k.read('region')}`;

/** The pagemap and the disk; of such a region DAX is not synchronous. @param {Kernel} k @param {{ start: bigint, size: bigint }} args @returns {Steps<number>} */
function* pmem_attach_disk(k, { start, size }) {
  const name = `namespace${k.read('region')}.0`;
  const busy = yield k.request_mem_region({ start, size, name });
  if (isError(busy)) return busy;
  const pages = yield k.devm_memremap_pages({
    type: 'FS_DAX',
    ranges: [{ start, end: start + size - 1n }],
    ops: [
      ...(k.switch('fsdax_free_op_required') ? ['page_free'] : []),
      ...(k.switch('memory_failure_op') ? ['memory_failure'] : []),
    ],
  });
  if (isError(pages)) {
    yield k.release_mem_region({ start, size });
    return pages;
  }
  yield k.alloc_dax({ name: disk(k), start, size, pgmap: pages.pgmap, synchronous: false });
  k.write('pgmap', pages.pgmap);
  return 0;
}

/** Without labels the region is one namespace (ND_REGION_PAGEMAP | ND_REGION_ASYNC). @param {Kernel} k @param {{ start: bigint, size: bigint, numa_node: number, target_node: number }} args @returns {Steps<number>} */
function* nvdimm_pmem_region_create(k, { start, size }) {
  k.write('region', yield k.memregion_alloc({}));
  return yield k.fn('pmem_attach_disk', PMEM, pmem_attach_disk, { start, size });
}

/** @param {Kernel} k @returns {Steps<number>} */
function* virtio_pmem_probe(k) {
  const range = k.device.range;
  if (range === null) return k.fail(k.E.EINVAL, 'the device has no range');
  if (!k.switch('virtio_pmem')) return k.fail(k.E.ENODEV, 'the driver came with 5.3');
  if (k.switch('pagemap_ref') !== 'own') {
    return k.fail(
      k.E.ENOSYS,
      'a limit of this model, not of the kernel: before 5.17 the driver brings its own reference',
    );
  }
  const { start } = range;
  const numa_node = yield k.memory_add_physaddr_to_nid({ start });
  const near = yield k.phys_to_target_node({ start });
  const target_node = near >= 0 ? near : numa_node;
  const args = { ...range, numa_node, target_node };
  const rc = yield k.fn('nvdimm_pmem_region_create', REGION, nvdimm_pmem_region_create, args);
  if (isError(rc)) k.log('err', `virtio_pmem ${k.device.id}: failed to create nvdimm region`);
  return rc;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* probe(k) {
  return yield k.fn('virtio_pmem_probe', VIRTIO_PMEM, virtio_pmem_probe);
}

/** @param {Kernel} k @param {{ fs: string, options: string, at: string }} args @returns {Steps<string>} */
function* mount(k, args) {
  return yield k.path_mount({ bdev: disk(k), ...args });
}

/** What fsync(2) of a file there comes to: the host is asked, and answers. @param {Kernel} k @returns {Steps<number>} */
function* flush(k) {
  return yield k.fn('async_pmem_flush', 'drivers/nvdimm/nd_virtio.c', async_pmem_flush);
}

/** What the host does when it flushes its file: an errno, or 0 when it can. @param {Kernel} k @param {{ fails: boolean, needs_reset: boolean }} args @returns {Steps<number>} */
function* set_host(k, { fails, needs_reset }) {
  k.write('host_fails', fails);
  k.write('needs_reset', needs_reset);
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* virtio_pmem_remove(k) {
  const range = /** @type {{ start: bigint, size: bigint }} */ (k.device.range);
  const name = disk(k);
  yield k.kill_dax({ name });
  yield k.memunmap_pages({ pgmap: /** @type {string} */ (k.read('pgmap')) });
  yield k.put_dax({ name });
  yield k.release_mem_region(range);
  k.write('pgmap', '');
  yield k.memregion_free({ id: /** @type {number} */ (k.read('region')) });
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* unbind(k) {
  if (k.read('pgmap') === '') return k.fail(k.E.ENODEV, 'the driver has no device');
  if (yield k.bd_mounted({ bdev: disk(k) }))
    k.note(`${disk(k)} is mounted: the filesystem loses its disk`);
  return yield k.fn('virtio_pmem_remove', VIRTIO_PMEM, virtio_pmem_remove);
}

/** nd_pmem leaves pages of a filesystem to it. @param {Kernel} k @param {{ pfn: number, nr_pages: number }} args @returns {Steps<number>} */
function* memory_failure(k, { pfn, nr_pages }) {
  const { start } = /** @type {{ start: bigint }} */ (k.device.range);
  const pgoff = pfn - Number(start >> BigInt(k.arch.page_shift));
  return yield k.dax_holder_notify_failure({ name: disk(k), pgoff, nr_pages });
}

/** @satisfies {Models} */
export const models = {
  'virtio-pmem': {
    actions: { mount, flush, unbind, 'set-host': set_host },
    callbacks: { probe, memory_failure },
  },
};
