// SPDX-License-Identifier: MIT
// A driver that does nothing but give ranges struct pages. It asks for what the lab says, and answers
// with what the kernel of that version answers: nothing is checked here first.
import { isError } from 'pfnlab:runs';
import { cleanup, kill, makeRef, dropRef } from './ref.js';
import { bare, bringsRef, pagemapOf, rangesOf } from './pagemap.js';

/** @import { Kernel, Range, Steps } from '../api.d.ts' */
/** @import { MapArgs } from './pagemap.js' */

/**
 * One mapping, as the register `maps` keeps it. `region`: the free range it was given, which is
 * given back; `resource`: the one that was inserted for it (public memory).
 * @typedef {{
 *   name: string, type: string, start: bigint, end: bigint, pgmap: string, devm: boolean, ref: string,
 *   region: Range | null, resource: number | null, altmap_alloc: number, altmap_align: number,
 * }} Mapping
 */

const SLOTS = 64;

/** @param {Kernel} k @param {number} slot */
const at = (k, slot) => /** @type {Mapping | null} */ (k.read('maps', slot));

/** @param {Kernel} k @param {string} name @returns {number} its slot, or -1 */
function slotOf(k, name) {
  for (let slot = 0; slot < SLOTS; slot += 1) if (at(k, slot)?.name === name) return slot;
  return -1;
}

/** @param {Kernel} k @returns {number} the first free slot, or -1 */
function freeSlot(k) {
  for (let slot = 0; slot < SLOTS; slot += 1) if (at(k, slot) === null) return slot;
  return -1;
}

/**
 * hmm_devmem_add() and hmm_devmem_add_resource() (4.14 to 5.2): drivers of that time did not call
 * devm_memremap_pages() for private and public memory.
 * @param {Kernel} k @param {string} type @param {readonly Range[] | null} ranges @param {bigint} size
 * @returns {Steps<any>}
 */
function* addDevmem(k, type, ranges, size) {
  if (type === 'PRIVATE') {
    const got = yield k.hmm_devmem_add({ size });
    return isError(got) ? got : { ...got, region: { start: got.start, end: got.end } };
  }
  const [range] = ranges ?? [];
  if (range === undefined) return k.fail(k.E.EINVAL, 'public memory needs its range');
  const name = k.device.id;
  const resource = yield k.insert_resource({ ...range, name, desc: 'DEVICE_PUBLIC_MEMORY' });
  if (isError(resource)) return resource;
  const got = yield k.hmm_devmem_add_resource(range);
  if (!isError(got)) return { ...got, resource };
  yield k.remove_resource({ id: resource });
  return got;
}

/** @param {Kernel} k @param {Range} region @returns {Steps<void>} */
function* giveBack(k, { start, end }) {
  yield k.release_mem_region({ start, size: end - start + 1n });
}

/** A free range of this size, to be mapped as far as the driver asked. @param {Kernel} k @param {MapArgs} args @returns {Steps<any>} */
function* findRange(k, { size = 0n, devm }) {
  const args = { size, name: k.device.id };
  const region = yield devm
    ? k.devm_request_free_mem_region(args)
    : k.request_free_mem_region(args);
  if (isError(region)) return region;
  return { region, ranges: [{ start: region.start, end: region.start + size - 1n }] };
}

/** devm_memremap_pages(), with what has to stand around it. @param {Kernel} k @param {MapArgs} args @returns {Steps<any>} */
function* remap(k, args) {
  const type = bare(args.type);
  const asked = rangesOf(k, args);
  const ofHmm = type === 'PUBLIC' || (type === 'PRIVATE' && asked === null);
  if (ofHmm && k.switch('hmm_devmem') === true) {
    return yield* addDevmem(k, type, asked, args.size ?? 0n);
  }
  const found = asked === null ? yield* findRange(k, args) : { region: null, ranges: asked };
  if (isError(found)) return found;
  const { region, ranges } = found;
  const ref = bringsRef(k, args) ? yield* makeRef(k, args.name) : '';
  if (isError(ref)) return ref;
  const pgmap = pagemapOf(k, args, ranges, ref);
  const got = yield args.devm ? k.devm_memremap_pages(pgmap) : k.memremap_pages(pgmap);
  if (isError(got)) {
    if (ref !== '') yield k.percpu_ref_exit({ ref });
    if (region !== null) yield* giveBack(k, region);
    return got;
  }
  const [first] = ranges;
  return { ...got, ref, region, start: first.start, end: first.end };
}

/** @param {Kernel} k @param {MapArgs} args @returns {Steps} */
function* map(k, args) {
  const { name, type, devm } = args;
  if (slotOf(k, name) >= 0) return k.fail(k.E.EEXIST, `model: there is a mapping ${name} already`);
  const slot = freeSlot(k);
  if (slot < 0) return k.fail(k.E.ENOSPC, `model: ${SLOTS} mappings are there`);
  const got = yield* remap(k, args);
  if (isError(got)) return got;
  const { altmap_alloc = 0, altmap_align = 0, ref = '', region = null, resource = null } = got;
  const { start, end, pgmap } = got;
  const mapping = { name, type, start, end, pgmap, devm, ref, region, resource };
  k.write('maps', slot, { ...mapping, altmap_alloc, altmap_align });
  return { pgmap, start, end, altmap_alloc, altmap_align };
}

/** @param {Kernel} k @param {number} slot @returns {Steps<number>} */
function* drop(k, slot) {
  const { pgmap, devm, ref, region, resource } = /** @type {Mapping} */ (at(k, slot));
  /** @returns {Steps<any>} */
  const unmap = function* () {
    // System RAM has no pagemap: before 5.0 its direct mapping was handed out.
    if (pgmap === '') return 0;
    return yield devm ? k.devm_memunmap_pages({ pgmap }) : k.memunmap_pages({ pgmap });
  };
  const rc = yield* dropRef(k, ref, unmap);
  if (isError(rc)) return rc;
  if (region !== null) yield* giveBack(k, region);
  if (resource !== null) yield k.remove_resource({ id: resource });
  k.write('maps', slot, null);
  return 0;
}

/** @param {Kernel} k @param {{ name: string }} args @returns {Steps} */
function* unmap(k, { name }) {
  const slot = slotOf(k, name);
  return slot < 0 ? k.fail(k.E.ENOENT, `model: there is no mapping ${name}`) : yield* drop(k, slot);
}

/** devres_release_all(): the last first. What memremap_pages() made without devm stays. @param {Kernel} k @returns {Steps} */
function* unbind(k) {
  for (let slot = SLOTS - 1; slot >= 0; slot -= 1) {
    if (at(k, slot)?.devm === true) yield* drop(k, slot);
  }
  return 0;
}

/** @param {Kernel} k @param {{ pfn: number, end?: number }} args @returns {Steps} */
function* get_page(k, args) {
  return yield k.get_page(args);
}

/** @param {Kernel} k @param {{ pfn: number, end?: number }} args @returns {Steps} */
function* put_page(k, args) {
  return yield k.put_page(args);
}

/** @param {Kernel} k @param {{ pfn: number }} args @returns {Steps} */
function* get_pagemap(k, { pfn }) {
  const pgmap = yield k.get_dev_pagemap({ pfn });
  return pgmap === null ? k.fail(k.E.ENODEV, 'get_dev_pagemap() == NULL') : { pgmap };
}

/** @param {Kernel} k @param {{ name: string }} args @returns {Steps} */
function* put_pagemap(k, { name }) {
  const mapping = at(k, slotOf(k, name));
  if (mapping === null) return k.fail(k.E.ENOENT, `model: there is no mapping ${name}`);
  return yield k.put_dev_pagemap({ pgmap: mapping.pgmap });
}

/** Pages nobody holds any more: the driver counts them. @param {Kernel} k @param {{ pfn: number, end: number }} args @returns {Steps} */
function* folio_free(k, { pfn, end }) {
  k.write('freed', /** @type {bigint} */ (k.read('freed')) + BigInt(end - pfn));
}

/** @returns {Steps} */
function* folio_split() {}

/** This driver has nowhere to bring a page back from. @param {Kernel} k @returns {Steps} */
function* migrate_to_ram(k) {
  k.note('this driver cannot bring pages back');
  return 'VM_FAULT_SIGBUS';
}

/** Who uses a damaged page is the core's to find out. @param {Kernel} k @returns {Steps} */
function* memory_failure(k) {
  return k.fail(k.E.EOPNOTSUPP, 'the driver does not know who uses the page');
}

export const models = {
  memremap: {
    callbacks: { folio_free, folio_split, migrate_to_ram, memory_failure, kill, cleanup },
    actions: {
      ...{ map, unmap, unbind },
      'get-page': get_page,
      'put-page': put_page,
      'get-pagemap': get_pagemap,
      'put-pagemap': put_pagemap,
    },
  },
};
