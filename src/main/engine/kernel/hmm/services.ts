import type { Args, Value } from '../../../../shared/world/value.ts';
import { driverService, type ArgSpec, type DriverService } from '../device/services.ts';
import { xa_erase, xa_load, xa_store, type TableTag } from './device-page-table.ts';
import { ksys_mmap_pgoff, vm_insert_page } from './driver-mmap.ts';
import { hmm_devmem_add, hmm_devmem_add_resource } from './devmem.ts';
import { make_device_exclusive } from './exclusive.ts';
import {
  mmu_interval_notifier_insert,
  mmu_interval_notifier_remove,
  mmu_interval_read_begin,
  mmu_interval_read_retry,
  mmu_interval_set_seq,
} from './interval-notifier.ts';
import { hmm_range_fault } from './range-fault.ts';

const text = (args: Args, name: string): string => (args[name] ?? '') as string;
const number = (args: Args, name: string): number => (args[name] ?? 0) as number;
const bytes = (args: Args, name: string): bigint => (args[name] ?? 0n) as bigint;

const list = (runs: readonly object[]): Value => runs.map((run) => ({ ...run }));

const TABLE: ArgSpec = { notifier: 'text', address: 'address', pages: 'count' };

function table(args: Args): { notifier: string; address: bigint; pages: number } | string {
  const pages = number(args, 'pages');
  if (pages < 1) return 'pages takes at least one page';
  return { notifier: text(args, 'notifier'), address: bytes(args, 'address'), pages };
}

const TAGS: readonly TableTag[] = ['', 'write', 'atomic'];

function stored(args: Args) {
  const range = table(args);
  if (typeof range === 'string') return range;
  const tag = TAGS.find((one) => one === text(args, 'tag'));
  if (tag === undefined) return "tag takes '', 'write' or 'atomic'";
  return { ...range, pfn: (args['pfn'] ?? null) as number | null, tag };
}

/** Mirrors of address spaces and a device's own page tables, as drivers call them. */
export const hmmServices: readonly DriverService[] = [
  driverService(
    'mmu_interval_notifier_insert',
    { mm: 'text', start: 'address?', size: 'address?', page_table: 'flag?' },
    mmu_interval_notifier_insert,
    (args, { id }) => ({
      device: id,
      mm: text(args, 'mm'),
      start: bytes(args, 'start'),
      size: bytes(args, 'size'),
      page_table: args['page_table'] !== false,
    }),
    ((registered: object) => ({ ...registered })) as never,
  ),
  driverService(
    'mmu_interval_notifier_remove',
    { notifier: 'text' },
    mmu_interval_notifier_remove,
    (args) => ({ notifier: text(args, 'notifier') }),
  ),
  driverService(
    'mmu_interval_set_seq',
    { notifier: 'text', cur_seq: 'count' },
    mmu_interval_set_seq,
    (args) => ({ notifier: text(args, 'notifier'), cur_seq: number(args, 'cur_seq') }),
  ),
  driverService(
    'mmu_interval_read_begin',
    { notifier: 'text' },
    mmu_interval_read_begin,
    (args) => ({ notifier: text(args, 'notifier') }),
  ),
  driverService(
    'mmu_interval_read_retry',
    { notifier: 'text', seq: 'count' },
    mmu_interval_read_retry,
    (args) => ({ notifier: text(args, 'notifier'), seq: number(args, 'seq') }),
  ),
  driverService(
    'hmm_range_fault',
    {
      ...TABLE,
      ...{ notifier_seq: 'count', default_flags: 'list?', dev_private_owner: 'text?' },
    },
    hmm_range_fault,
    (args) => {
      const range = table(args);
      if (typeof range === 'string') return range;
      const flags = (args['default_flags'] ?? []) as readonly Value[];
      if (flags.some((flag) => flag !== 'fault' && flag !== 'write')) {
        return "default_flags takes of 'fault' and 'write'";
      }
      return {
        ...range,
        seq: number(args, 'notifier_seq'),
        fault: flags.length > 0,
        write: flags.includes('write'),
        owner: text(args, 'dev_private_owner'),
      };
    },
    list as never,
  ),
  driverService(
    'make_device_exclusive',
    { mm: 'text', address: 'address', pages: 'count', owner: 'text?' },
    make_device_exclusive,
    (args) => ({
      mm: text(args, 'mm'),
      address: bytes(args, 'address'),
      pages: number(args, 'pages'),
      owner: text(args, 'owner'),
    }),
    list as never,
  ),
  driverService(
    'hmm_devmem_add',
    { size: 'address' },
    hmm_devmem_add,
    (args, { id, node }) => ({ device: id, nid: node, size: bytes(args, 'size') }),
    ((devmem: object) => ({ ...devmem })) as never,
  ),
  driverService(
    'hmm_devmem_add_resource',
    { start: 'address', end: 'address' },
    hmm_devmem_add_resource,
    (args, { id, node }) => ({
      ...{ device: id, nid: node },
      ...{ start: bytes(args, 'start'), end: bytes(args, 'end') },
    }),
    ((devmem: object) => ({ ...devmem })) as never,
  ),
  driverService(
    'ksys_mmap_pgoff',
    { mm: 'text', address: 'address', pages: 'count', prot: 'list?' },
    ksys_mmap_pgoff,
    (args, { id }) => {
      const prot = (args['prot'] ?? []) as readonly Value[];
      if (prot.some((one) => one !== 'read' && one !== 'write'))
        return "prot takes of 'read', 'write'";
      const pages = number(args, 'pages');
      if (pages < 1) return 'pages takes at least one page';
      return {
        ...{ mm: text(args, 'mm'), address: bytes(args, 'address'), pages, device: id },
        prot: prot as readonly ('read' | 'write')[],
      };
    },
  ),
  driverService(
    'vm_insert_page',
    { mm: 'text', address: 'address', pfn: 'count', end: 'count' },
    vm_insert_page,
    (args) => {
      const [pfn, end] = [number(args, 'pfn'), number(args, 'end')];
      if (!(pfn < end)) return 'pfn and end take a run of pages, end exclusive';
      return { mm: text(args, 'mm'), address: bytes(args, 'address'), pfn, end };
    },
  ),
  driverService('xa_store', { ...TABLE, pfn: 'count?', tag: 'text?' }, xa_store, stored),
  driverService('xa_erase', TABLE, xa_erase, table),
  driverService('xa_load', TABLE, xa_load, table, list as never),
];
