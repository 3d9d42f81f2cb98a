import { valuesOf } from '../../core/parameters.ts';
import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';
import { PCI_ACS_CR, PCI_ACS_EC, PCI_ACS_RR } from './acs.ts';

/** Devices that pci=disable_acs_redir= names, separated by semicolons; '' without the parameter. */
function disable_acs_redir_param(k: Kernel): string {
  if (!k.facts.era.get('pci_disable_acs_redir')) return '';
  const given = valuesOf(k.facts.cmdline, 'pci').flatMap((value) => value.split(','));
  const last = given.filter((option) => option.startsWith('disable_acs_redir=')).pop();
  return last?.slice('disable_acs_redir='.length) ?? '';
}

interface Named {
  readonly pdev: string;
  readonly vendor: number;
  readonly device_id: number;
}

const BDF = /^(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,2}):([0-9a-f]{1,2})\.([0-7])$/i;
const IDS = /^pci:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i;

/** pci_dev_str_match(): a PCI name with or without its domain, or pci:vendor:device. */
function pci_dev_str_match({ pdev, vendor, device_id }: Named, text: string): boolean | undefined {
  const ids = IDS.exec(text);
  if (ids) {
    const [want, device] = [ids[1], ids[2]].map((id) => Number.parseInt(id ?? '', 16));
    // PCI_ANY_ID.
    return (want === 0xffff || want === vendor) && (device === 0xffff || device === device_id);
  }
  const name = BDF.exec(text);
  if (!name) return undefined;
  const [domain, bus, slot, fn] = [name[1] ?? '0', name[2] ?? '', name[3] ?? '', name[4] ?? ''];
  return (
    `${domain.padStart(4, '0')}:${bus.padStart(2, '0')}:${slot.padStart(2, '0')}.${fn}`.toLowerCase() ===
    pdev
  );
}

/**
 * pci_disable_acs_redir(): the ACS control register of a device that was found, without what
 * redirects peers where the command line asks for that.
 */
export const pci_disable_acs_redir = leaf<Named & { ctrl: number }, number>(
  'pci_disable_acs_redir',
  'drivers/pci/pci.c:pci_disable_acs_redir',
  (k, { ctrl, ...dev }) => {
    const param = disable_acs_redir_param(k);
    for (const text of param.split(';')) {
      const matched = pci_dev_str_match(dev, text);
      if (matched === undefined) {
        k.printk('info', `PCI: Can't parse disable_acs_redir parameter: ${param}`);
        return ctrl;
      }
      if (!matched) continue;
      k.printk('info', `pci ${dev.pdev}: disabled ACS redirect`);
      return ctrl & ~(PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_EC);
    }
    return ctrl;
  },
);

/** Does the command line name any device? */
export function disablesAcsRedir(k: Kernel): boolean {
  return disable_acs_redir_param(k) !== '';
}
