/** Which format a text has, from its lines alone. */
import { kernelMessage } from './log-prefix.ts';
import type { TextLine } from './text-lines.ts';

export type Format = 'linux-log' | 'iomem' | 'zoneinfo' | 'buddyinfo' | 'pagetypeinfo';

/** What each format is called in messages. */
export const FORMAT_NAMES: Record<Format, string> = {
  'linux-log': 'a kernel boot log (dmesg)',
  iomem: '/proc/iomem',
  zoneinfo: '/proc/zoneinfo',
  buddyinfo: '/proc/buddyinfo',
  pagetypeinfo: '/proc/pagetypeinfo',
};

/** A line of /proc/iomem (`kernel/resource.c:r_show`). */
export const IOMEM_LINE = /^( *)([0-9a-f]{8,16})-([0-9a-f]{8,16}) : (.*)$/;

const LOG_MARK =
  /^(?:Linux version \d|(?:Kernel c|C)ommand line: | ?BIOS-e820: |(?:e820: )?BIOS-provided physical RAM map|Zone ranges:|Early memory node ranges|(?:ACPI: )?SRAT: |(?:e820: )?last_pfn = 0x|On node \d+ totalpages|Booting Linux on physical CPU)/;
const ZONE_HEAD = /^Node +\d+, zone +\w+$/;
const BUDDY_LINE = /^Node +\d+, zone +\w+(?: +\d+)+ *$/;

/** A file of which only timestamps are known must have so many of them to be a kernel log. */
const ENOUGH_STAMPS = 3;
/** Lines looked at: a format shows long before. */
const LOOK_AT = 20_000;

/** The format of a text; undefined when it is none we read. */
export function recognise(lines: readonly TextLine[]): Format | undefined {
  let stamps = 0;
  let marks = 0;
  let iomem = 0;
  let zones = 0;
  let buddies = 0;
  let written = 0;
  for (const { text } of lines.slice(0, LOOK_AT)) {
    if (text.trim() === '') continue;
    written += 1;
    const message = kernelMessage(text);
    if (LOG_MARK.test(message.text)) marks += 1;
    if (message.prefixed) stamps += 1;
    if (IOMEM_LINE.test(text)) iomem += 1;
    if (ZONE_HEAD.test(text)) zones += 1;
    if (BUDDY_LINE.test(text)) buddies += 1;
    if (/^Free pages count per migrate type at order/.test(text)) return 'pagetypeinfo';
  }
  if (iomem > 0 && iomem * 2 >= written) return 'iomem';
  if (marks > 0) return 'linux-log';
  if (zones > 0) return 'zoneinfo';
  if (buddies > 0) return 'buddyinfo';
  if (stamps >= ENOUGH_STAMPS && stamps * 2 >= written) return 'linux-log';
  return undefined;
}
