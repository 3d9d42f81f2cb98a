/** /proc/iomem: the resource tree (`kernel/resource.c:r_show`), ends inclusive. */
import type { MemoryType } from '../../shared/lab/machine.ts';
import { countOf, type FileFacts, type Format } from './format.ts';
import { lineNote } from './note.ts';
import type { ImportNote } from './note.ts';
import type { TextLine } from './text-lines.ts';

/** What an entry is, for an import. */
export type IomemKind =
  | { is: 'ram' }
  /** An entry that firmware's map caused (`e820.c:e820_type_to_string`). */
  | { is: 'firmware'; type: MemoryType }
  /** Persistent memory that a driver found: NFIT, CXL, or an e820 range. */
  | { is: 'persistent' }
  /** Made by the kernel image that was running, or by its command line. */
  | { is: 'image' }
  /** Rounding that the kernel adds after RAM (`e820.c:e820__reserve_resources_late`). */
  | { is: 'buffer' }
  /** What drivers made of device memory: namespaces, DAX devices, kmem. */
  | { is: 'namespace' }
  | { is: 'resource' };

export interface IomemEntry {
  start: bigint;
  end: bigint;
  name: string;
  /** Nesting, 0 at the top. */
  depth: number;
  line: number;
  text: string;
  kind: IomemKind;
  /** Some entry below it is a namespace, a region or a DAX device. */
  driven: boolean;
}

export interface IomemFacts extends FileFacts {
  entries: IomemEntry[];
  /** The file was read without CAP_SYS_ADMIN: every address is zero. */
  hidden: boolean;
}

/** Names by `e820_type_to_string`, lower case: kernels before 4.15 or so wrote some of them so. */
const FIRMWARE_NAMES: Record<string, MemoryType> = {
  reserved: 'reserved',
  'device reserved': 'reserved',
  'unknown e820 type': 'reserved',
  'acpi tables': 'acpi',
  'acpi non-volatile storage': 'nvs',
  'unusable memory': 'unusable',
  'persistent memory (legacy)': 'pmem-legacy',
  'persistent ram (legacy)': 'pmem-legacy',
  'soft reserved': 'soft-reserved',
  'soft reserve': 'soft-reserved',
};
const IMAGE = /^(?:Kernel (?:code|rodata|data|bss)|Crash kernel|GART)$/i;
const DRIVEN =
  /^(?:namespace\d+\.\d+|dax\d+\.\d+|btt\d+\.\d+|pfn\d+\.\d+|region\d+|dax_region\d+|pmem\d+)$/;

/** A line of /proc/iomem (`kernel/resource.c:r_show`). */
const IOMEM_LINE = /^( *)([0-9a-f]{8,16})-([0-9a-f]{8,16}) : (.*)$/;

export const iomem: Format<IomemFacts> = {
  title: '/proc/iomem',
  known: (lines) => {
    const entries = countOf(lines, IOMEM_LINE);
    return entries > 0 && entries * 2 >= lines.length ? 'surely' : undefined;
  },
  read: readIomem,
};

/** Reads /proc/iomem. Lines of another shape are noted, never an error. */
export function readIomem(file: string, lines: readonly TextLine[]): IomemFacts {
  const entries: IomemEntry[] = [];
  const notes: ImportNote[] = [];
  const parents: IomemEntry[] = [];
  for (const { number, text } of lines) {
    if (text.trim() === '') continue;
    const match = IOMEM_LINE.exec(text);
    const indent = match?.[1]?.length ?? 0;
    const start = BigInt(`0x${match?.[2] ?? '0'}`);
    const end = BigInt(`0x${match?.[3] ?? '0'}`);
    const name = (match?.[4] ?? '').trim();
    if (!match || start > end || indent % 2 !== 0 || indent / 2 > parents.length) {
      notes.push(lineNote(file, number, text, 'damaged'));
      continue;
    }
    parents.length = indent / 2;
    const kind = kindOf(name, parents);
    const entry = {
      start,
      end,
      name,
      depth: parents.length,
      line: number,
      text,
      kind,
      driven: false,
    };
    if (kind.is === 'namespace') for (const parent of parents) parent.driven = true;
    parents.push(entry);
    entries.push(entry);
  }
  const hidden =
    entries.length > 1 && entries.every(({ start, end }) => start === 0n && end === 0n);
  if (hidden) {
    notes.push({
      file,
      text: 'holds no addresses, because it was read without CAP_SYS_ADMIN; read it as root (sudo cat /proc/iomem)',
      reason: 'not used',
    });
    for (const entry of entries) {
      notes.push(lineNote(file, entry.line, entry.text, 'not used', 'its addresses are hidden'));
    }
  }
  return { file, entries: hidden ? [] : entries, hidden, notes };
}

function kindOf(name: string, parents: readonly IomemEntry[]): IomemKind {
  const lower = name.toLowerCase();
  if (parents.some(({ kind }) => kind.is === 'ram')) return { is: 'image' };
  if (IMAGE.test(name)) return { is: 'image' };
  if (name === 'RAM buffer') return { is: 'buffer' };
  const below = parents.some(
    ({ kind }) =>
      kind.is === 'persistent' ||
      kind.is === 'namespace' ||
      (kind.is === 'firmware' && (kind.type === 'pmem-legacy' || kind.type === 'soft-reserved')),
  );
  if (DRIVEN.test(name) || /^System RAM \(.*\)$/.test(name) || below) return { is: 'namespace' };
  if (lower === 'system ram') return { is: 'ram' };
  if (lower === 'persistent memory' || lower === 'persistent ram') return { is: 'persistent' };
  const type = Object.hasOwn(FIRMWARE_NAMES, lower) ? FIRMWARE_NAMES[lower] : undefined;
  return type ? { is: 'firmware', type } : { is: 'resource' };
}
