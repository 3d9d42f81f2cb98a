import type { Kernel } from '../../core/facts.ts';
import { call, leaf, operation, type None } from '../../core/world/operation.ts';
import {
  insertAbove,
  insertByContainment,
  insertExpanded,
  reserveWithSplit,
} from '../resource/boot-tree.ts';
import { cxl_acpi_probe, hasCxlAcpi } from '../cxl/windows.ts';
import { mem8 } from '../memblock/range-text.ts';

/** e820_type_to_string(): names in /proc/iomem; "reserved" until 4.12. */
function resourceName(k: Kernel, type: string): string {
  switch (type) {
    case 'usable':
    case 'reserved-kern':
      return 'System RAM';
    case 'acpi':
      return 'ACPI Tables';
    case 'nvs':
      return 'ACPI Non-volatile Storage';
    case 'unusable':
      return 'Unusable memory';
    case 'pmem':
      return 'Persistent Memory';
    case 'pmem-legacy':
      return 'Persistent Memory (legacy)';
    case 'soft-reserved':
      return 'Soft Reserved';
    default:
      return k.facts.era.get('iomem_reserved_name') ? 'Reserved' : 'reserved';
  }
}

const DESC: Readonly<Record<string, string>> = {
  acpi: 'ACPI_TABLES',
  nvs: 'ACPI_NV_STORAGE',
  pmem: 'PERSISTENT_MEMORY',
  'pmem-legacy': 'PERSISTENT_MEMORY_LEGACY',
  'soft-reserved': 'SOFT_RESERVED',
  reserved: 'RESERVED',
};

/** do_mark_busy(): ranges that drivers claim, and reserved ones above 1 MiB, come late. */
function early(type: string, start: bigint): boolean {
  if (start < 1n << 20n) return true;
  return !['reserved', 'soft-reserved', 'pmem', 'pmem-legacy'].includes(type);
}

function flagsOf(type: string, busy: boolean): string {
  const ram = type === 'usable' || type === 'reserved-kern';
  return `MEM${ram ? '|SYSTEM_RAM' : ''}${busy ? '|BUSY' : ''}`;
}

/** Entries of the map as resources: RAM and what nobody else claims. */
export const e820__reserve_resources = leaf<None, void>(
  (k) =>
    k.facts.era.get('e820_function_names') ? 'e820__reserve_resources' : 'e820_reserve_resources',
  'arch/x86/kernel/e820.c:e820__reserve_resources',
  (k) => {
    for (const { start, end, type } of [...k.world.rows('e820')]) {
      if (!early(type, start)) continue;
      insertByContainment(k, {
        start,
        end: end - 1n,
        name: resourceName(k, type),
        flags: flagsOf(type, true),
        desc: DESC[type] ?? 'NONE',
      });
    }
  },
);

/** Does the range equal one the firmware map adds late? Then who came first shows in the tree. */
function equalsLate(k: Kernel, start: bigint, end: bigint): boolean {
  const entry = k.world.at('e820', start);
  return entry !== undefined && entry.start === start && entry.end === end + 1n;
}

/** pci_mmcfg_late_insert_resources() puts the window above what firmware reserved for it. */
function isMmconfig(name: string): boolean {
  return /^PCI (ECAM|MMCONFIG)/.test(name);
}

/** What the machine's own drivers and the PCI bus enter: as listed, parents first. */
const machine_resources = leaf<{ late: boolean }, void>(
  'pcibios_resource_survey',
  'arch/x86/pci/i386.c:pcibios_resource_survey',
  (k, { late }) => {
    for (const { start, end, name } of k.facts.machine.resources) {
      if (equalsLate(k, start, end) !== late) continue;
      const resource = { start, end, name, flags: 'MEM', desc: 'NONE' };
      if (late && isMmconfig(name)) insertAbove(k, resource);
      else insertByContainment(k, resource);
    }
  },
  { basis: 'model' },
);

/** Unit that RAM is expected to end at (e820.c:ram_alignment). */
function ramAlignment(at: bigint): bigint {
  const mb = at >> 20n;
  if (mb === 0n) return 64n << 10n;
  return mb < 16n ? 1n << 20n : 64n << 20n;
}

/** The ranges left out before, then a buffer after RAM where nothing else is. */
const e820__reserve_resources_late = leaf<None, void>(
  (k) =>
    k.facts.era.get('e820_function_names')
      ? 'e820__reserve_resources_late'
      : 'e820_reserve_resources_late',
  'arch/x86/kernel/e820.c:e820__reserve_resources_late',
  (k) => {
    const rows = [...k.world.rows('e820')];
    for (const { start, end, type } of rows) {
      if (early(type, start)) continue;
      insertExpanded(k, {
        start,
        end: end - 1n,
        name: resourceName(k, type),
        flags: flagsOf(type, false),
        desc: DESC[type] ?? 'NONE',
      });
    }
    for (const { end, type } of rows) {
      if (type !== 'usable') continue;
      const unit = ramAlignment(end);
      const last = ((end + unit - 1n) / unit) * unit;
      if (end >= last) continue;
      const words = k.facts.era.get('e820_log_gaps')
        ? 'register RAM buffer resource'
        : 'reserve RAM buffer';
      k.printk('debug', `e820: ${words} ${mem8(end, last)}`);
      reserveWithSplit(k, end, last - 1n, 'RAM buffer');
    }
  },
);

/** The resource tree as it stands after the buses are known. */
export const pci_subsys_init = operation<None, void>(
  'pci_subsys_init',
  'arch/x86/pci/legacy.c:pci_subsys_init',
  function* (k) {
    const { resources, pci } = k.facts.machine;
    if (resources.length > 0) yield* call(machine_resources, { late: false });
    if (pci) yield* call(e820__reserve_resources_late, {});
    else k.note('no PCI bus: reserved ranges above 1 MiB are never entered');
    if (resources.some(({ start, end }) => equalsLate(k, start, end))) {
      yield* call(machine_resources, { late: true });
    }
    if (hasCxlAcpi(k)) yield* call(cxl_acpi_probe, {});
  },
);
