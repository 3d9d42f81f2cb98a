// SPDX-License-Identifier: MIT
// Host bridges, root ports and switch ports: what stands between PCI devices, and what their links
// carry. Each port is a device of the lab; `parent` says below which other one it stands.

import { endpoint } from './endpoint.js';

/** @import { Kernel, Steps, Value } from '../api.d.ts' */

/** PCI_ACS_RR, PCI_ACS_CR, PCI_ACS_EC (include/uapi/linux/pci_regs.h). */
const ACS = { request_redirect: 0x04, completion_redirect: 0x08, egress_control: 0x20 };

/** @param {{ readonly [name: string]: Value }} bits @returns {number} */
function acsControl(bits) {
  return Object.entries(ACS).reduce(
    (ctrl, [name, bit]) => ctrl | (bits[`acs_${name}`] === true ? bit : 0),
    0,
  );
}

/** @param {Kernel} k @returns {Steps<number>} */
function* hostBridge(k) {
  const { bus, vendor, device_id, ...host } = /** @type {any} */ (k.device.config);
  const { cpu_family, iommu, bus_offset } = host;
  const rc = yield k.pci_register_host_bridge({ bus, cpu_family, iommu, bus_offset });
  if (typeof rc === 'number' && rc < 0) return rc;
  const pdev = `${bus}:00.0`;
  return yield k.pci_device_add({ pdev, parent: bus, kind: 'host-bridge', vendor, device_id });
}

/** @param {'root-port' | 'upstream-port' | 'downstream-port'} kind */
function port(kind) {
  return {
    callbacks: {
      /** @param {Kernel} k @returns {Steps<number>} */
      *probe(k) {
        const { bdf: pdev, parent, vendor, device_id } = /** @type {any} */ (k.device.config);
        const acs = acsControl(k.device.config);
        return yield k.pci_device_add({ pdev, parent, kind, vendor, device_id, acs });
      },
    },
    actions: {
      /** @param {Kernel} k @param {{ readonly [name: string]: Value }} args @returns {Steps<number>} */
      *'set-acs'(k, args) {
        return yield k.pci_write_acs_ctrl({ pdev: k.device.id, ctrl: acsControl(args) });
      },
    },
  };
}

export const models = {
  'pci-host-bridge': { callbacks: { probe: hostBridge } },
  'pci-root-port': port('root-port'),
  'pci-switch-upstream': port('upstream-port'),
  'pci-switch-downstream': port('downstream-port'),
  'pci-endpoint': endpoint,
};
