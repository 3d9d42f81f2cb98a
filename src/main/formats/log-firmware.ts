/** Lines of a boot log about firmware besides its memory map: ACPI tables, and whether there is PCI. */
import type { AcpiTable } from '../../shared/lab/machine.ts';
import { span } from './e820-line.ts';
import type { Taken } from './log-results.ts';

export interface FirmwareFacts {
  /** Tables by address, in the order the kernel found them. */
  tables: Map<bigint, AcpiTable>;
  pci: boolean;
}

/** `drivers/acpi/tables.c:acpi_reserve_initial_tables`. */
const RESERVING = /^ACPI: Reserving ([A-Z0-9_!]{4}) table memory at (\[mem .*\])$/;
/** `drivers/acpi/acpica/tbprint.c:acpi_tb_print_table_header`: address and length in hex. */
const TABLE = /^ACPI: ([A-Z0-9_!]{4}) (?:0x)?([0-9A-Fa-f]{8,16}) ([0-9A-Fa-f]{5,8})(?: \(|$)/;
const NO_PCI =
  /^PCI: (?:System does not support PCI|Fatal: No config space access function found)$/;

/** The tables that only point to others: ACPICA keeps them out of its list. */
const ROOTS = new Set(['RSDP', 'RSDT', 'XSDT']);
/** Tables loaded by others are printed with their virtual address. */
const MAX_PHYSICAL = 1n << 52n;

export function firmwareLines(): {
  facts: FirmwareFacts;
  take(message: string, unterminated: boolean): Taken | undefined;
} {
  const facts: FirmwareFacts = { tables: new Map(), pci: true };

  function take(message: string, unterminated: boolean): Taken | undefined {
    if (NO_PCI.test(message)) {
      facts.pci = false;
      return 'used';
    }
    let match = RESERVING.exec(message);
    if (match) {
      const range = span(match[2] ?? '');
      if (!range || range.end >= MAX_PHYSICAL) return { reason: 'damaged' };
      const { start, end } = range;
      facts.tables.set(start, { start, end, name: match[1] ?? '' });
      return 'used';
    }
    match = TABLE.exec(message);
    if (!match || ROOTS.has(match[1] ?? '')) return undefined;
    if (unterminated) return { reason: 'damaged', why: 'the file ends here' };
    const start = BigInt(`0x${match[2]}`);
    const length = BigInt(`0x${match[3]}`);
    if (length === 0n || start + length > MAX_PHYSICAL) return undefined;
    if (!facts.tables.has(start)) {
      facts.tables.set(start, { start, end: start + length - 1n, name: match[1] ?? '' });
    }
    return 'used';
  }
  return { facts, take };
}
