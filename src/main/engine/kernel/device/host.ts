import {
  ARCH_CONSTANT_NAMES,
  type ArchConstants,
} from '../../../../shared/plugins/surroundings.ts';
import type { Args, Value } from '../../../../shared/world/value.ts';
import type { Kernel } from '../../core/facts.ts';
import type { Device } from './devices.ts';
import { RegisterFault, type DeviceHost } from './model.ts';
import { readRegister, writeRegister } from './registers.ts';

/** What a device's model reaches directly of a running kernel. */
export function deviceHost(k: Kernel, device: Device): DeviceHost {
  const { id } = device.facts;
  const spec = (name: string) =>
    device.registers.get(name) ?? new RegisterFault(`there is no register ${name}`);
  return {
    read: (name, index) => {
      const found = spec(name);
      return found instanceof RegisterFault ? found : readRegister(k.world, id, found, index);
    },
    write: (name, index, value) => {
      const found = spec(name);
      return found instanceof RegisterFault
        ? found
        : writeRegister(k.world, id, found, index, value);
    },
    log: (level, text) => k.printk(level, text),
    note: (text) => k.note(text),
    switchValue: (name) => k.facts.era.get(name as never) as Value | undefined,
    configValue: (name) => configValue(k, name),
    arch: archConstants(k),
  };
}

function configValue(k: Kernel, name: string): Value {
  const { config } = k.facts;
  const value = Object.hasOwn(config, name) ? config[name] : undefined;
  if (typeof value === 'boolean') return value ? 'y' : 'n';
  return value ?? 'n';
}

/** What the plugin API promises of the architecture. */
function archConstants(k: Kernel): Args {
  const arch: ArchConstants = k.facts.arch;
  return Object.fromEntries(ARCH_CONSTANT_NAMES.map((name) => [name, arch[name]]));
}
