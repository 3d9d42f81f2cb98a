import { isHmmPagemap } from '../pgmap/pagemap.ts';
import { enabled } from '../../core/arch/config.ts';
import type { Kernel } from '../../core/facts.ts';
import { fail, type Outcome } from '../../core/world/operation.ts';

/** Names of enum memory_type without MEMORY_DEVICE_; '' is a value that is none of this kernel's. */
export type DeviceType = string;

/** Values of enum memory_type in this era, by name. */
function deviceTypes(k: Kernel): ReadonlyMap<DeviceType, number> {
  const pairs = k.facts.era.get('memory_device_types').split(' ');
  return new Map(
    pairs.map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return [name, Number(value)];
    }),
  );
}

/** What era's kernels call the generic type: DEVDAX in 5.3, HOST before there were types. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  GENERIC: ['GENERIC', 'DEVDAX', 'HOST'],
  FS_DAX: ['FS_DAX', 'HOST'],
};

/**
 * A type as a driver names it ('FS_DAX', 'MEMORY_DEVICE_FS_DAX') or as its number.
 * `name` is '' for a number this era's enum does not have.
 */
export function deviceType(
  k: Kernel,
  type: string | number,
): { name: DeviceType; value: number } | undefined {
  const types = deviceTypes(k);
  if (typeof type === 'number') {
    for (const [name, value] of types) if (value === type) return { name, value };
    return { name: '', value: type };
  }
  const wanted = type.replace(/^MEMORY_DEVICE_/, '');
  for (const name of SAME[wanted] ?? [wanted]) {
    const value = types.get(name);
    if (value !== undefined) return { name, value };
  }
  // Between HOST and DEVDAX (4.18 to 5.2) device-dax left the field at 0, which is no type.
  return wanted === 'GENERIC' ? { name: '', value: 0 } : undefined;
}

/** What the requirement checks look at. `ops`: names of the callbacks in dev_pagemap_ops. */
export interface CheckedPagemap {
  readonly type: DeviceType;
  readonly type_value: number;
  readonly ops: readonly string[];
  readonly owner: string;
}

/**
 * The switch over pgmap->type at the top of memremap_pages: what each type demands.
 * An unknown type only warns.
 */
export function checkDeviceType(k: Kernel, pgmap: CheckedPagemap): Outcome<void> {
  const { type, ops, owner } = pgmap;
  const { era, config } = k.facts;
  if (!era.get('pagemap_type_checked')) return undefined;
  const freeOp = era.get('pagemap_free_op');
  const refuse = (text: string, check: string): Outcome<void> => {
    k.printk('warn', text);
    return fail('EINVAL', check);
  };
  const free = (): Outcome<void> =>
    ops.includes(freeOp)
      ? undefined
      : refuse(`Missing ${freeOp} method`, `!pgmap->ops || !pgmap->ops->${freeOp}`);
  const owned = (): Outcome<void> =>
    owner !== '' ? undefined : refuse('Missing owner', '!pgmap->owner');
  switch (type) {
    case 'PRIVATE':
      if (!enabled(config, 'DEVICE_PRIVATE')) {
        return refuse('Device private memory not supported', '!IS_ENABLED(CONFIG_DEVICE_PRIVATE)');
      }
      if (!ops.includes('migrate_to_ram')) {
        const check = '!pgmap->ops || !pgmap->ops->migrate_to_ram';
        return refuse('Missing migrate_to_ram method', check);
      }
      return free() ?? (era.get('pagemap_owner_required') ? owned() : undefined);
    case 'COHERENT':
      return free() ?? owned();
    case 'FS_DAX':
      if (!enabled(config, 'ZONE_DEVICE') || enabled(config, 'FS_DAX_LIMITED')) {
        const check = '!IS_ENABLED(CONFIG_ZONE_DEVICE) || IS_ENABLED(CONFIG_FS_DAX_LIMITED)';
        return refuse('File system DAX not supported', check);
      }
      return era.get('fsdax_free_op_required') ? free() : undefined;
    case '':
      k.printk('warn', `Invalid pgmap type ${pgmap.type_value}`);
      return undefined;
    default:
      return undefined;
  }
}

/** Reference count of an idle page of this type, once the pagemap is set up. */
export function idleRefcount(k: Kernel, type: DeviceType): number {
  const { era } = k.facts;
  if (type === 'PRIVATE' || type === 'COHERENT' || type === 'PUBLIC') {
    return era.get('private_idle_refcount');
  }
  if (type === 'FS_DAX') return era.get('fsdax_idle_refcount');
  if (type === 'PCI_P2PDMA') return era.get('p2pdma_idle_refcount');
  return 1;
}

/**
 * Does the pagemap hold a reference for every page while it is mapped? From 4.12 on, but not for
 * memory of hmm_devmem_add().
 */
export function holdsPageRefs(k: Kernel, type: DeviceType): boolean {
  const perPage = k.facts.era.get('pagemap_ref_per_page');
  if (isHmmPagemap(k, type)) return false;
  if (!perPage && k.facts.era.get('device_page_at_zero') !== 'freed') return false;
  if (type !== 'PRIVATE' && type !== 'COHERENT') return true;
  return !k.facts.era.get('pagemap_ref_skips_private');
}
