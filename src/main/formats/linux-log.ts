/**
 * The kernel's boot log. What firmware and the command line said becomes the machine; what the
 * kernel made of it becomes expectations; everything else is noted.
 */
import type { Architecture } from '../../shared/lab/architecture.ts';
import type { ExpectEntry } from '../../shared/lab/expectations/expectations.ts';
import type { FirmwareUpdate, MemoryRange, SratRange } from '../../shared/lab/machine.ts';
import { readBanner } from './banner.ts';
import type { Banner } from './banner.ts';
import { followsFromCommandLine } from './command-line.ts';
import { span, tableLine, updateLine } from './e820-line.ts';
import type { UpdateLine } from './e820-line.ts';
import { cpuLines } from './log-cpu.ts';
import type { CpuFacts } from './log-cpu.ts';
import type { FileFacts, Format } from './format.ts';
import { firmwareLines } from './log-firmware.ts';
import type { FirmwareFacts } from './log-firmware.ts';
import { kernelMessage } from './log-prefix.ts';
import { logResults } from './log-results.ts';
import type { Taken } from './log-results.ts';
import { lineNote } from './note.ts';
import type { ImportNote } from './note.ts';
import type { TextLine } from './text-lines.ts';

/** What one boot log says about the machine and the kernel. */
export interface LogFacts extends FileFacts {
  banner?: Banner;
  arch?: Architecture;
  cmdline?: string;
  /** The firmware memory map, as printed; empty when the log has none. */
  memory: MemoryRange[];
  updates: FirmwareUpdate[];
  srat: SratRange[];
  cpu: CpuFacts;
  firmware: FirmwareFacts;
  /** Node ids mentioned anywhere. */
  nodes: Set<number>;
  expect: ExpectEntry[];
}

interface BootLine {
  line: TextLine;
  message: string;
}

const MAX_NODES = 1024;
const HEADER = /^(?:e820: )?(BIOS-provided|user-defined|extended|modified) physical RAM map:?$/;
const HEADER_TABLES: Record<string, string[]> = {
  'BIOS-provided': ['BIOS-e820'],
  'user-defined': ['user'],
  extended: ['extended', 'reserve setup_data'],
  modified: ['modified'],
};
const COMMAND_LINE = /^(Kernel c|C)ommand line: (.*)$/;
const SRAT = /^(?:ACPI: )?SRAT: Node (\d{1,4}) PXM \d+ (.*)$/;
const STOLEN = /^Reserving Intel graphics memory at (\[mem .*\])$/;
/** Messages that explain the map update printed right after them. */
const CAUSE = /^(?:efi: |WARNING: BIOS bug|update e820 for|PCI: |DMAR: |mtrr|MTRR|AMD-Vi: )/;

const MARK =
  /^(?:Linux version \d|(?:Kernel c|C)ommand line: | ?BIOS-e820: |(?:e820: )?BIOS-provided physical RAM map|Zone ranges:|Early memory node ranges|(?:ACPI: )?SRAT: |(?:e820: )?last_pfn = 0x|On node \d+ totalpages|Booting Linux on physical CPU)/;
/** A file of which only timestamps are known must have so many of them to be a kernel log. */
const ENOUGH_STAMPS = 3;

export const linuxLog: Format<LogFacts> = {
  title: 'a kernel boot log (dmesg)',
  known: (lines) => {
    const messages = lines.map(({ text }) => kernelMessage(text));
    if (messages.some(({ text }) => MARK.test(text))) return 'likely';
    const stamps = messages.filter(({ prefixed }) => prefixed).length;
    return stamps >= ENOUGH_STAMPS && stamps * 2 >= lines.length ? 'barely' : undefined;
  },
  read: readLinuxLog,
};

/** Reads a boot log. Never throws; what cannot be read is a note. */
export function readLinuxLog(file: string, lines: readonly TextLine[]): LogFacts {
  const notes: ImportNote[] = [];
  const boot = lastBoot(file, lines, notes);
  const results = logResults(file);
  const cpu = cpuLines();
  const firmware = firmwareLines();
  const facts: LogFacts = {
    file,
    memory: [],
    updates: [],
    srat: [],
    cpu: cpu.facts,
    firmware: firmware.facts,
    nodes: results.nodes,
    expect: [],
    notes,
  };
  const tables = new Map<string, (MemoryRange & { line: TextLine })[]>();
  const headers = new Set<string>();
  const seen = new Set<string>();
  const updates: { update: UpdateLine; at: BootLine; origin: string }[] = [];
  let cause = '';

  const take = ({ line, message }: BootLine): Taken | undefined => {
    const row = tableLine(message);
    if (row) {
      if ('damaged' in row) return { reason: 'damaged' };
      const { table, ...range } = row;
      // An early console can print the map twice.
      const key = `${table} ${range.start} ${range.end} ${range.type}`;
      if (!seen.has(key)) {
        const rows = tables.get(table);
        if (rows) rows.push({ ...range, line });
        else tables.set(table, [{ ...range, line }]);
      }
      seen.add(key);
      return 'used';
    }
    const update = updateLine(message);
    if (update) {
      if ('damaged' in update) return { reason: 'damaged' };
      const place = `${file}:${line.number}`;
      updates.push({ update, at: { line, message }, origin: cause ? `${place}: ${cause}` : place });
      return 'used';
    }
    const header = HEADER.exec(message);
    if (header) {
      for (const table of HEADER_TABLES[header[1] ?? ''] ?? []) headers.add(table);
      return 'used';
    }
    if (/^ ?BIOS-e820: \[gap /.test(message)) return 'used';
    const stolen = STOLEN.exec(message);
    if (stolen) {
      const range = span(stolen[1] ?? '');
      if (!range) return { reason: 'damaged' };
      // arch/x86/kernel/early-quirks.c:intel_graphics_stolen reserves it in the map, silently.
      const { start, end } = range;
      updates.push({
        update: { action: 'update', start, end, from: 'usable', to: 'reserved' },
        at: { line, message },
        origin: `${file}:${line.number}: ${message}`,
      });
      return 'used';
    }
    const banner = readBanner(message);
    if (banner) {
      facts.banner = banner;
      if (banner.arch) facts.arch = banner.arch;
      return 'used';
    }
    if (/^Booting Linux on physical CPU/.test(message)) {
      facts.arch ??= 'arm64';
      return 'used';
    }
    const command = COMMAND_LINE.exec(message);
    if (command) {
      const words = (command[2] ?? '').trim();
      if (facts.cmdline === undefined) facts.cmdline = words;
      else if (facts.cmdline !== words) {
        return { reason: 'disagrees', why: 'the first command line in the log was taken' };
      }
      return 'used';
    }
    const srat = SRAT.exec(message);
    if (srat) {
      const entry = sratEntry(Number(srat[1]), srat[2] ?? '');
      if (!entry) return { reason: 'damaged' };
      facts.srat.push(entry);
      facts.nodes.add(entry.node);
      return 'used';
    }
    return (
      cpu.take(message) ??
      firmware.take(message, line.unterminated) ??
      results.take(message, line.number, line.unterminated)
    );
  };

  for (const bootLine of boot) {
    const { line, message } = bootLine;
    if (message.trim() === '') continue;
    const taken = take(bootLine);
    if (taken !== 'used') {
      const { reason, why } = taken ?? { reason: 'not used' as const, why: undefined };
      notes.push(lineNote(file, line.number, message, reason, why));
    }
    cause = CAUSE.test(message) ? message : '';
  }

  for (const node of cpu.facts.byNode.keys()) facts.nodes.add(node);
  facts.memory = firmwareTable(file, tables, headers, notes);
  if (facts.memory.length > 0) facts.arch ??= 'x86_64';
  for (const { update, at, origin } of updates) {
    const why = derivedBecause(update, facts.cmdline ?? '');
    if (why) notes.push(lineNote(file, at.line.number, at.message, 'derived', why));
    else facts.updates.push({ ...update, origin });
  }
  facts.expect = results.finish();
  notes.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return facts;
}

/** A journal can hold several boots: the last one with a memory map counts, else the last. */
function lastBoot(file: string, lines: readonly TextLine[], notes: ImportNote[]): BootLine[] {
  const boots: BootLine[][] = [[]];
  for (const line of lines) {
    const message = kernelMessage(line.text).text;
    if (readBanner(message)) boots.push([]);
    boots.at(-1)?.push({ line, message });
  }
  const withMap = boots.findLastIndex((boot) => boot.some(({ message }) => tableLine(message)));
  const chosen = withMap >= 0 ? withMap : boots.length - 1;
  for (const [index, boot] of boots.entries()) {
    if (index === chosen) continue;
    for (const { line, message } of boot) {
      if (message.trim() === '') continue;
      notes.push(
        lineNote(file, line.number, message, 'not used', 'outside the boot that was taken'),
      );
    }
  }
  return boots[chosen] ?? [];
}

/** Chooses the table that firmware filled, and notes the ones the kernel made from it. */
function firmwareTable(
  file: string,
  tables: Map<string, (MemoryRange & { line: TextLine })[]>,
  headers: Set<string>,
  notes: ImportNote[],
): MemoryRange[] {
  // The extended map is firmware's own, with the entries that did not fit the first (SETUP_E820_EXT).
  const order = ['extended', 'BIOS-e820', 'reserve setup_data', 'user', 'modified', 'Xen'];
  const firmware = new Set(['extended', 'BIOS-e820']);
  const present = order.filter((name) => tables.has(name));
  const whole = present.filter((name) => headers.has(name));
  const chosen =
    whole.find((name) => firmware.has(name)) ??
    (present.some((name) => firmware.has(name)) && whole.length === 0
      ? present.find((name) => firmware.has(name))
      : undefined) ??
    whole[0] ??
    present[0];
  if (chosen === undefined) return [];
  const assume = (text: string) => notes.push({ file, text, reason: 'assumed' });
  if (!headers.has(chosen)) {
    assume(
      `the log begins inside the memory map, so the first ranges of "${chosen}" may be missing`,
    );
  }
  if (!firmware.has(chosen)) {
    assume(
      `the log has no firmware map; the map "${chosen}", which the kernel had already changed, was taken`,
    );
  }
  for (const [name, rows] of tables) {
    if (name === chosen) continue;
    for (const { line } of rows) {
      const why = firmware.has(name) ? `"${chosen}" is the whole map` : 'the kernel made this map';
      notes.push(
        lineNote(file, line.number, line.text, firmware.has(name) ? 'not used' : 'derived', why),
      );
    }
  }
  return (tables.get(chosen) ?? []).map(({ line: _line, ...range }) => range);
}

/** Why the kernel makes this change on every such machine by itself; undefined when it does not. */
function derivedBecause(update: UpdateLine, cmdline: string): string | undefined {
  const { action, start, end, from, to } = update;
  if (
    action === 'update' &&
    start === 0n &&
    end === 0xfffn &&
    from === 'usable' &&
    to === 'reserved'
  ) {
    return 'arch/x86/kernel/setup.c:trim_bios_range';
  }
  if (action === 'remove' && start === 0xa0000n && end === 0xfffffn && from === 'usable') {
    return 'arch/x86/kernel/setup.c:trim_bios_range';
  }
  return followsFromCommandLine(update, cmdline) ? 'follows from the command line' : undefined;
}

/** An SRAT memory entry (`acpi_numa_memory_affinity_init`), also as kernels before 3.5 printed it. */
function sratEntry(node: number, text: string): SratRange | undefined {
  if (node >= MAX_NODES) return undefined;
  const old = /^([0-9a-f]{1,16})-([0-9a-f]{1,16})$/.exec(text);
  if (old) {
    const start = BigInt(`0x${old[1]}`);
    const end = BigInt(`0x${old[2]}`) - 1n;
    return start <= end ? { start, end, node, hotplug: false, non_volatile: false } : undefined;
  }
  const range = span(text);
  if (!range || !/^( hotplug)?( non-volatile)?$/.test(range.rest)) return undefined;
  return {
    start: range.start,
    end: range.end,
    node,
    hotplug: range.rest.includes('hotplug'),
    non_volatile: range.rest.includes('non-volatile'),
  };
}
