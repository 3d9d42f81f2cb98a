/** The files of a real machine that can be read. */
import { CERTAINTIES, type FileFacts, type Format } from './format.ts';
import { buddyinfo, pagetypeinfo } from './free-lists.ts';
import { iomem } from './iomem.ts';
import { linuxLog } from './linux-log.ts';
import type { TextLine } from './text-lines.ts';
import { zoneinfo } from './zoneinfo.ts';

/** Where two are as sure of a text, it is of the first. */
const DECLARED = { linuxLog, iomem, zoneinfo, buddyinfo, pagetypeinfo };

export type FormatName = keyof typeof DECLARED;

/** What files of each format say. */
export type FactsOf = { [N in FormatName]: ReturnType<(typeof DECLARED)[N]['read']> };

export const FORMATS: { readonly [N in FormatName]: Format<FactsOf[N]> } = DECLARED;
export const FORMAT_NAMES = Object.keys(DECLARED) as FormatName[];

/** Lines looked at: a format shows long before. */
const LOOK_AT = 20_000;

/** The format of a text; undefined when it is none we read. */
export function recognise(lines: readonly TextLine[]): FormatName | undefined {
  const written = lines.slice(0, LOOK_AT).filter(({ text }) => text.trim() !== '');
  const found = FORMAT_NAMES.map((name) => ({ name, known: FORMATS[name].known(written) }));
  for (const certainty of CERTAINTIES) {
    const first = found.find(({ known }) => known === certainty);
    if (first) return first.name;
  }
  return undefined;
}

/** Adds a file to what was read by format; undefined where a file of its format was read already. */
export function readInto<N extends FormatName>(
  facts: Partial<FactsOf>,
  name: N,
  file: string,
  lines: readonly TextLine[],
): FileFacts | undefined {
  if (facts[name]) return undefined;
  const read = FORMATS[name].read(file, lines);
  facts[name] = read;
  return read;
}
