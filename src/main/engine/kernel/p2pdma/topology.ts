import type { Bar } from '../../../../shared/world/device-tables.ts';
import type { RowOf } from '../../../../shared/world/tables.ts';
import { disablesAcsRedir, pci_disable_acs_redir } from './acs-redir.ts';
import { DOWN, MEMORY, PEER, resetCounters, UP } from './counters.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, fail, leaf, operation, type Outcome } from '../../core/world/operation.ts';

export type PciDev = RowOf<'pci_devices'>;
export type PciHost = RowOf<'pci_hosts'>;

/** PCI name: domain, bus, slot (0 to 1f), function. */
const BDF = /^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/;

/** The pci_dev of a name: its own, or that of the bench's device. */
export function pciDev(k: Pick<Kernel, 'world'>, name: string): PciDev | undefined {
  const own = k.world.get('pci_devices', name);
  if (own) return own;
  for (const row of k.world.rows('pci_devices')) if (row.device === name) return row;
  return undefined;
}

/** pci_upstream_bridge(): the bridge above; undefined on a root bus. */
export function pci_upstream_bridge(k: Kernel, dev: PciDev): PciDev | undefined {
  return dev.parent === '' ? undefined : k.world.get('pci_devices', dev.parent);
}

/** A device in the kernel log: its driver, or its bus, and its name (dev_driver_string). */
export function dev_name(k: Pick<Kernel, 'world'>, dev: PciDev): string {
  if (dev.kind === 'host-bridge') return `pci ${dev.id}`;
  const driver = dev.kind === 'endpoint' ? k.world.get('devices', dev.device)?.model : 'pcieport';
  return `${driver ?? 'pci'} ${dev.id}`;
}

export interface HostBridgeParams {
  /** Domain and root bus: `0000:00`. */
  readonly bus: string;
  readonly device: string;
  readonly cpu_family: number;
  readonly iommu: boolean;
  /** CPU address less bus address of what the bridge forwards: 0 on every PC. */
  readonly bus_offset: bigint;
}

/** pci_register_host_bridge(): a root bus. */
export const pci_register_host_bridge = leaf<HostBridgeParams, Outcome<void>>(
  'pci_register_host_bridge',
  'drivers/pci/probe.c:pci_register_host_bridge',
  (k, { bus, device, cpu_family, iommu, bus_offset }) => {
    if (!/^[0-9a-f]{4}:[0-9a-f]{2}$/.test(bus)) return fail('EINVAL', `${bus} is no bus`);
    if (k.world.get('pci_hosts', bus)) return fail('EEXIST', `pci_find_bus(${bus})`);
    k.world.put('pci_hosts', { id: bus, device, cpu_family, iommu, bus_offset });
    resetCounters(k, device, [MEMORY, PEER]);
    return undefined;
  },
);

export interface PciDeviceParams {
  readonly pdev: string;
  readonly device: string;
  /** A bridge or host bridge: a PCI name, a root bus, or a device of the bench. */
  readonly parent: string;
  readonly kind: string;
  readonly vendor: number;
  readonly device_id: number;
  readonly acs: number;
  readonly bars: readonly Bar[];
}

/** What may stand below what, by PCI Express port type. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  '': ['host-bridge', 'root-port', 'endpoint'],
  'root-port': ['upstream-port', 'endpoint'],
  'upstream-port': ['downstream-port'],
  'downstream-port': ['upstream-port', 'endpoint'],
};

/** pci_device_add(): a function that was found on a bus. */
export const pci_device_add = operation<PciDeviceParams, Outcome<void>>(
  'pci_device_add',
  'drivers/pci/probe.c:pci_device_add',
  function* (k, params) {
    const { pdev, device, parent, kind, vendor, device_id, bars } = params;
    if (!BDF.test(pdev)) return fail('EINVAL', `${pdev} is no PCI name`);
    if (k.world.get('pci_devices', pdev)) return fail('EEXIST', `pci_get_slot(${pdev})`);
    const host = [...k.world.rows('pci_hosts')].find(
      (row) => row.id === parent || row.device === parent,
    );
    const bridge = host ? undefined : pciDev(k, parent);
    if (!host && !bridge) return fail('ENODEV', `there is no bridge ${parent}`);
    if (!(BELOW[bridge?.kind ?? ''] ?? []).includes(kind)) {
      return fail('EINVAL', `no ${kind} stands below this ${bridge?.kind ?? 'root bus'}`);
    }
    const onBus = host ? pdev.startsWith(`${host.id}:`) : pdev.slice(0, 4) === parentDomain(bridge);
    if (!onBus) return fail('EINVAL', `${pdev} is not on a bus of ${parent}`);
    for (const bar of bars) {
      const power = (bar.size & (bar.size - 1n)) === 0n;
      if (!power || bar.start % bar.size !== 0n) {
        return fail('EINVAL', `BAR ${bar.bar}: a power of two, on a multiple of itself`);
      }
    }
    const acs = disablesAcsRedir(k)
      ? yield* call(pci_disable_acs_redir, { pdev, vendor, device_id, ctrl: params.acs })
      : params.acs;
    const above = host ? undefined : pciDev(k, parent);
    if (!host && !above) return fail('ENODEV', `there is no bridge ${parent}`);
    // 00.0 of a host bridge has no link above it.
    if (kind !== 'host-bridge') resetCounters(k, device, [UP, DOWN]);
    k.world.put('pci_devices', {
      ...{ id: pdev, device, host: host?.id ?? above?.host ?? '', parent: above?.id ?? '' },
      ...{ kind, vendor, device_id, acs, bars },
    });
    return undefined;
  },
  { show: ({ bars: _bars, ...shown }) => shown },
);

function parentDomain(bridge: PciDev | undefined): string {
  return bridge?.id.slice(0, 4) ?? '';
}

/** A write to the ACS control register, as setpci does it behind the kernel's back. */
export const pci_write_acs_ctrl = leaf<{ pdev: string; ctrl: number }, Outcome<void>>(
  'pci_write_config_word',
  'drivers/pci/access.c:pci_write_config_word',
  (k, { pdev, ctrl }) => {
    const dev = pciDev(k, pdev);
    if (!dev) return fail('ENODEV', `there is no ${pdev}`);
    k.world.patch('pci_devices', dev.id, { acs: ctrl & 0x7f });
    return undefined;
  },
);
