import type { Kernel } from '../../core/facts.ts';
import type { PciDev, PciHost } from './topology.ts';

const INTEL = 0x8086;
const AMD = 0x1022;
const GOOGLE = 0x1ae0;

interface Entry {
  readonly vendor: number;
  /** null: any device. */
  readonly device: number | null;
  /** REQ_SAME_HOST_BRIDGE: both peers must hang under one host bridge. */
  readonly same: boolean;
}

const intel = (same: boolean, ...devices: number[]): Entry[] =>
  devices.map((device) => ({ vendor: INTEL, device, same }));

/** Intel DSA, IAX and QAT: root complex integrated endpoints, alone on a root bus at 00.0. */
const ACCELERATORS = [
  0x0b25, 0x0cfe, 0x11fb, 0x1212, 0x1216, 0x4940, 0x4942, 0x4944, 0x4946, 0x4948,
];

/** pci_p2pdma_whitelist[] (drivers/pci/p2pdma.c). */
function whitelist(k: Kernel): Entry[] {
  const { era } = k.facts;
  const amd = [0x1450, 0x15d0, 0x1630].map((device) => ({ vendor: AMD, device, same: false }));
  return [
    ...(era.get('p2pdma_amd_by_family') ? [] : amd),
    ...intel(true, 0x3c00, 0x3c01, 0x2f00, 0x2f01),
    ...intel(false, 0x2030, 0x2031, 0x2032, 0x2033, 0x2020),
    ...(era.get('p2pdma_ice_lake') ? intel(false, 0x09a2) : []),
    ...(era.get('p2pdma_intel_accelerators') ? intel(false, ...ACCELERATORS) : []),
    ...(era.get('p2pdma_any_google') ? [{ vendor: GOOGLE, device: null, same: false }] : []),
  ];
}

/** cpu_supports_p2pdma(): an AMD CPU of family 0x17 (Zen) or newer. */
export function cpu_supports_p2pdma(k: Kernel): boolean {
  const { era, machine } = k.facts;
  if (!era.get('p2pdma_amd_by_family') || !/^(AMD|AuthenticAMD)$/.test(machine.cpu.vendor)) {
    return false;
  }
  const [host] = k.world.rows('pci_hosts');
  return (host?.cpu_family ?? 0) >= 0x17;
}

/** pci_host_bridge_dev(): the first device of the root bus, if it is 00.0 or a root port. */
function pci_host_bridge_dev(k: Kernel, host: PciHost): PciDev | undefined {
  const onBus = [...k.world.rows('pci_devices')].filter(
    (dev) => dev.host === host.id && dev.parent === '',
  );
  const [first] = onBus.sort((a, b) => (a.id < b.id ? -1 : 1));
  return first?.id.endsWith(':00.0') || first?.kind === 'root-port' ? first : undefined;
}

function __host_bridge_whitelist(k: Kernel, host: PciHost, same: boolean, warn: boolean): boolean {
  const root = pci_host_bridge_dev(k, host);
  if (!root) return false;
  if (k.facts.era.get('p2pdma_host_bridges') === 'root_complex') {
    return !host.iommu && root.vendor === AMD && root.device_id === 0x1450;
  }
  const { vendor, device_id } = root;
  const found = whitelist(k).find(
    (entry) => entry.vendor === vendor && (entry.device === null || entry.device === device_id),
  );
  if (found) return same || !found.same;
  if (warn) {
    const id = [vendor, device_id].map((n) => n.toString(16).padStart(4, '0')).join(':');
    k.printk('warn', `pci ${root.id}: Host bridge not in P2PDMA whitelist: ${id}`);
  }
  return false;
}

/** host_bridge_whitelist(): may two devices without a common bridge reach each other? */
export function host_bridge_whitelist(k: Kernel, a: PciDev, b: PciDev, warn: boolean): boolean {
  const mode = k.facts.era.get('p2pdma_host_bridges');
  if (mode === 'none') return false;
  const [hostA, hostB] = [k.world.need('pci_hosts', a.host), k.world.need('pci_hosts', b.host)];
  if (hostA.id === hostB.id) return __host_bridge_whitelist(k, hostA, true, warn);
  return (
    __host_bridge_whitelist(k, hostA, false, warn) && __host_bridge_whitelist(k, hostB, false, warn)
  );
}
