import type { FieldView, PageView } from '../../../shared/bench/views.ts';
import { inspectHandlers } from '../../bench/session/handlers/inspect.ts';
import { readPfn } from './arguments.ts';
import { loadView, seekTo } from './load.ts';
import type { Arguments, Terminal, Verb } from './verb.ts';

export const pageVerb: Verb = {
  name: 'page',
  operands: 'FILE PFN',
  count: [2, 2],
  summary: 'Print everything about one struct page',
  options: {
    at: { value: 'N', kind: 'number', text: 'as after step N instead of at the end' },
    json: { text: 'as JSON' },
  },
  async run(given, terminal) {
    const page = await loadPage(given, terminal);
    if (!page) return 2;
    const json = given.switches.has('json');
    terminal.print(json ? `${JSON.stringify(page, undefined, 2)}\n` : pageText(page));
    return 0;
  },
};

export const explainVerb: Verb = {
  name: 'explain',
  operands: 'FILE PFN',
  count: [2, 2],
  summary: 'Print how a PFN becomes a struct page and back, with the numbers of this machine',
  options: {
    at: { value: 'N', kind: 'number', text: 'as after step N instead of at the end' },
  },
  async run(given, terminal) {
    const page = await loadPage(given, terminal);
    if (!page) return 2;
    terminal.print([...headLines(page), ...page.conversion, ''].join('\n'));
    return 0;
  },
};

async function loadPage(given: Arguments, terminal: Terminal): Promise<PageView | undefined> {
  const [file = '', text = ''] = given.operands;
  const pfn = readPfn(text);
  if (pfn === undefined) {
    terminal.say(`pfnlab: "${text}" is no PFN: a number, decimal or 0x hex, below 2^52`);
    return undefined;
  }
  const view = await loadView(file, given, terminal);
  if (!view) return undefined;
  await seekTo(view, given.numbers.get('at'));
  return inspectHandlers.page(view.open, { pfn });
}

function headLines(page: PageView): string[] {
  return [
    `pfn        ${page.pfn} (0x${page.pfn.toString(16)})`,
    `phys       ${page.phys}`,
    `pfn_valid  ${page.valid} (${page.valid_why})`,
  ];
}

function pageText(page: PageView): string {
  const lines = [
    ...headLines(page),
    `online     ${page.online}`,
    `state      ${page.state}`,
    `section    ${page.section}, sub-section ${page.subsection}`,
  ];
  if (page.zone !== '') lines.push(`zone       node ${page.nid} ${page.zone}`);
  if (page.page !== '') lines.push(`page       ${page.page}`);
  if (page.stored_at !== '') lines.push(`stored at  ${page.stored_at}`);
  if (page.pgmap !== undefined) lines.push(`pgmap      ${page.pgmap}`);
  if (page.fields.length > 0) {
    lines.push('', `struct page, ${page.sizeof_page} bytes:`, ...page.fields.map(fieldLine));
    lines.push('', `flags ${page.word}:`);
    for (const { name, high, low, value, meaning } of page.word_fields) {
      const bits = high === low ? `${high}` : `${high}:${low}`;
      lines.push(
        `  ${bits.padStart(5)}  ${name.padEnd(16)} ${value.padEnd(6)} ${meaning}`.trimEnd(),
      );
    }
  }
  if (page.pins.length > 0) {
    lines.push('', 'held by:');
    for (const { name, actor, flags, refs, by } of page.pins) {
      lines.push(`  ${name}  ${actor} ${flags} +${refs}  (step ${by})`);
    }
  }
  if (page.writes.length > 0) {
    lines.push('', 'written by:');
    for (const { seq, fn, what, ahead } of page.writes) {
      lines.push(`  step ${seq}  ${fn}: ${what}${ahead ? ' (later)' : ''}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function fieldLine({ offset, name, text, by }: FieldView): string {
  const place = offset === undefined ? '' : `+${offset}`;
  const author = by > 0 ? `  (step ${by})` : '';
  return `  ${place.padStart(3)}  ${name.padEnd(16)} ${text}${author}`;
}
