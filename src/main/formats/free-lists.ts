/** /proc/buddyinfo and /proc/pagetypeinfo (`mm/vmstat.c`): results that no machine determines. */
import { countOf, type FileFacts, type Format } from './format.ts';
import { unusedLines } from './note.ts';

const BUDDY_LINE = /^Node +\d+, zone +\w+(?: +\d+)+ *$/;
const BY_TYPE = /^Free pages count per migrate type at order/;

function unread(title: string): Pick<Format<FileFacts>, 'title' | 'read'> {
  const why = `${title} tells of free pages, which the machine does not determine`;
  return { title, read: (file, lines) => ({ file, notes: unusedLines(file, lines, why) }) };
}

export const buddyinfo: Format<FileFacts> = {
  ...unread('/proc/buddyinfo'),
  known: (lines) => (countOf(lines, BUDDY_LINE) > 0 ? 'perhaps' : undefined),
};

export const pagetypeinfo: Format<FileFacts> = {
  ...unread('/proc/pagetypeinfo'),
  known: (lines) => (countOf(lines, BY_TYPE) > 0 ? 'surely' : undefined),
};
