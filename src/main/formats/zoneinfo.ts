/** /proc/zoneinfo (`mm/vmstat.c:zoneinfo_show_print`): results, so only expectations come of it. */
import { ZONE_NAMES } from '../../shared/lab/expectations/declaration.ts';
import type { ExpectEntry, Want } from '../../shared/lab/expectations/expectations.ts';
import type { ZoneName } from '../../shared/lab/expectations/declaration.ts';
import { countOf, type FileFacts, type Format } from './format.ts';
import { lineNote } from './note.ts';
import type { ImportNote } from './note.ts';
import type { TextLine } from './text-lines.ts';

export interface ZoneinfoFacts extends FileFacts {
  expect: (ExpectEntry & { kind: 'zone' })[];
  nodes: Set<number>;
}

const HEAD = /^Node +(\d{1,4}), zone +(\w+)$/;
const FIELD = /^ +(spanned|present|start_pfn:) +(\d{1,15})$/;
const MAX_NODES = 1024;

export const zoneinfo: Format<ZoneinfoFacts> = {
  title: '/proc/zoneinfo',
  known: (lines) => (countOf(lines, /^Node +\d+, zone +\w+$/) > 0 ? 'perhaps' : undefined),
  read: readZoneinfo,
};

/** Reads the start, the span and the pages present of every zone; other lines are noted. */
export function readZoneinfo(file: string, lines: readonly TextLine[]): ZoneinfoFacts {
  const notes: ImportNote[] = [];
  const nodes = new Set<number>();
  const zones: { want: Want<'zone'>; line: number; lines: TextLine[] }[] = [];
  let current: (typeof zones)[number] | undefined;
  for (const line of lines) {
    const { number, text } = line;
    if (text.trim() === '') continue;
    const head = HEAD.exec(text);
    if (head) {
      const node = Number(head[1]);
      const zone = head[2] as ZoneName;
      current = undefined;
      if (node >= MAX_NODES || !ZONE_NAMES.includes(zone)) {
        notes.push(lineNote(file, number, text, 'not used', 'no zone of that name is known'));
        continue;
      }
      nodes.add(node);
      current = { want: { node, zone }, line: number, lines: [] };
      zones.push(current);
      continue;
    }
    const field = FIELD.exec(text);
    if (!field || !current) {
      notes.push(lineNote(file, number, text, 'not used'));
    } else if (line.unterminated) {
      notes.push(lineNote(file, number, text, 'damaged', 'the file ends here'));
    } else {
      current.want[(field[1] ?? '').replace(':', '') as 'spanned'] = Number(field[2]);
      current.lines.push(line);
    }
  }
  const expect: ZoneinfoFacts['expect'] = [];
  for (const { want, line, lines: from } of zones) {
    const refuse = (why: string) => {
      for (const used of from) notes.push(lineNote(file, used.number, used.text, 'not used', why));
    };
    if (want.zone === 'Device' && (want.spanned ?? 0) > 0) {
      refuse('drivers made the Device zone after boot');
    } else if (want.spanned !== undefined || want.present !== undefined) {
      expect.push({ kind: 'zone', want, source: { file, line, column: 1 } });
    } else {
      notes.push(
        lineNote(
          file,
          line,
          `Node ${want.node}, zone ${want.zone}`,
          'not used',
          'its figures are missing',
        ),
      );
    }
  }
  notes.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return { file, expect, nodes, notes };
}
