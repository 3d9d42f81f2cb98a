/**
 * Lines of the x86 memory map (`arch/x86/kernel/e820.c`): `e820__print_table`,
 * `__e820__range_update`, `e820__range_remove`, in the words of every era. Ranges are in bytes,
 * ends inclusive; kernels before 3.5 printed exclusive ends without a prefix.
 */
import type { MemoryType, UpdateType } from '../../shared/lab/machine.ts';

/** A firmware type: the lab's name, and firmware's number where the kernel has no name for it. */
export interface FirmwareType {
  type: MemoryType;
  e820_type?: number;
}

/** Which table a line belongs to: `BIOS-e820`, `user`, `extended`, `modified`, `reserve setup_data`. */
export interface TableLine extends FirmwareType {
  table: string;
  start: bigint;
  end: bigint;
}

export interface UpdateLine {
  action: 'update' | 'remove';
  start: bigint;
  end: bigint;
  from?: UpdateType;
  to?: UpdateType;
}

/** A line that was meant to be one of these, but cannot be read in full. */
export type Damaged = { damaged: true };

const NAMES: Record<string, MemoryType> = {
  usable: 'usable',
  'system ram': 'usable',
  reserved: 'reserved',
  'device reserved': 'reserved',
  'acpi data': 'acpi',
  'acpi nvs': 'nvs',
  unusable: 'unusable',
  'soft reserved': 'soft-reserved',
};

/** Reads a type as `e820_print_type` writes it. */
function firmwareType(text: string): FirmwareType | undefined {
  const words = text.trim().toLowerCase();
  const named = Object.hasOwn(NAMES, words) ? NAMES[words] : undefined;
  if (named) return { type: named };
  const persistent = /^persistent(?: ram| memory)? \(type (\d{1,10})\)$/.exec(words);
  if (persistent) {
    if (persistent[1] === '7') return { type: 'pmem' };
    return persistent[1] === '12' ? { type: 'pmem-legacy' } : undefined;
  }
  const numbered = /^type (\d{1,10})$/.exec(words);
  // ACPI: types the kernel does not know are treated as reserved.
  return numbered ? { type: 'reserved', e820_type: Number(numbered[1]) } : undefined;
}

const HEX = '(?:0x)?([0-9a-f]{1,16})';
const MEM = new RegExp(`^\\[mem ${HEX}-${HEX}\\](.*)$`, 'i');
const OLD = new RegExp(`^${HEX} - ${HEX}(.*)$`, 'i');

interface Span {
  start: bigint;
  end: bigint;
  rest: string;
}

/** Reads `[mem 0x..-0x..] rest`, or the old `start - end rest` with its exclusive end. */
export function span(text: string): Span | undefined {
  const mem = MEM.exec(text);
  if (mem) {
    const start = BigInt(`0x${mem[1]}`);
    const end = BigInt(`0x${mem[2]}`);
    return start <= end ? { start, end, rest: mem[3] ?? '' } : undefined;
  }
  const old = OLD.exec(text);
  if (!old) return undefined;
  const start = BigInt(`0x${old[1]}`);
  const end = BigInt(`0x${old[2]}`) - 1n;
  return start <= end ? { start, end, rest: old[3] ?? '' } : undefined;
}

const TABLE =
  /^ ?(BIOS-[A-Za-z0-9]+|user|extended|modified|reserve setup_data|Xen): (?=\[mem |[0-9a-f]{16} - )(.*)$/;

/** A row of a memory map, undefined when the line is none. */
export function tableLine(message: string): TableLine | Damaged | undefined {
  const match = TABLE.exec(message);
  if (!match) {
    const meant = /^ ?BIOS-e820: (?!\[gap )/.test(message);
    return meant ? { damaged: true } : undefined;
  }
  const range = span(match[2] ?? '');
  const type = range && firmwareType(range.rest.replace(/^\s*\((.*)\)\s*$/, '$1'));
  if (!range || !type) return { damaged: true };
  const table = match[1]?.startsWith('BIOS-') ? 'BIOS-e820' : (match[1] ?? '');
  return { table, start: range.start, end: range.end, ...type };
}

const UPDATE = /^(?:e820: |e820 )(update|remove) (?:range: )?(.*)$/;

/** A change the kernel made to its map, undefined when the line is none. */
export function updateLine(message: string): UpdateLine | Damaged | undefined {
  const match = UPDATE.exec(message);
  if (!match) return undefined;
  const action = match[1] as 'update' | 'remove';
  const range = span(match[2] ?? '');
  if (!range) return { damaged: true };
  const words = range.rest.split('==>').map((word) => word.trim().replace(/^\((.*)\)$/, '$1'));
  const from = firmwareType(words[0] ?? '');
  const { start, end } = range;
  if (action === 'remove') {
    if (words.length > 1 || (!from && words[0] !== '')) return { damaged: true };
    return { action, start, end, ...(from ? { from: from.type } : {}) };
  }
  const to = firmwareType(words[1] ?? '');
  if (words.length !== 2 || !from || !to) return { damaged: true };
  // E820_TYPE_RESERVED_KERN prints the same word as RAM, and RAM never becomes RAM.
  const kept = from.type === 'usable' && to.type === 'usable';
  return { action, start, end, from: from.type, to: kept ? 'reserved-kern' : to.type };
}
