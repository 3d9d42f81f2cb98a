import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNote, importFiles } from '../../src/main/formats/import.ts';
import { formatProblem, parseLab } from '../../src/shared/lab/parse.ts';

const LOGS = new URL('../fixtures/captures/boot-logs/', import.meta.url);
const names = readdirSync(LOGS);
const read = (name: string) => readFileSync(new URL(name, LOGS), 'utf8');
const LOG = read('p2-memmap-holes-6.18.dmesg.txt');

/**
 * Whatever the file is: a lab that can be read again, or a located message. Never both, never an
 * exception.
 */
function survives(...texts: string[]) {
  const result = importFiles(texts.map((text, i) => ({ name: `f${i}`, text })));
  for (const note of result.notes) expect(formatNote(note)).not.toMatch(/[\n\r\u001b\0]/);
  if (result.problems.length > 0) {
    expect(result.lab).toBeUndefined();
    for (const problem of result.problems)
      expect(formatProblem(problem)).toMatch(/^\S+:\d+:\d+: \S/);
    return result;
  }
  const again = parseLab(result.yaml ?? '', 'imported');
  expect(again.problems.filter(({ severity }) => severity === 'error').map(formatProblem)).toEqual(
    [],
  );
  return result;
}

describe('formats/import: hostile input', () => {
  it.each(names)('%s, cut at every 997th byte', (name) => {
    const text = read(name);
    for (let at = 0; at < text.length; at += 997) survives(text.slice(0, at));
  });

  it('a log cut at any byte of its memory map keeps only whole rows', () => {
    const head = LOG.indexOf('BIOS-provided');
    const rows = LOG.slice(0, LOG.indexOf('NX (Execute')).split('\n');
    const whole = rows.filter((row) => /BIOS-e820/.test(row)).length;
    for (let at = head; at < head + 900; at += 7) {
      const { lab } = survives(LOG.slice(0, at));
      const complete =
        LOG.slice(0, at).split(/BIOS-e820: .*(?:usable|reserved)(?=\n|$)/).length - 1;
      expect(lab?.machine.memory.length).toBe(complete);
      expect(complete).toBeLessThanOrEqual(whole);
    }
  });

  it('a log cut at the start', () => {
    for (let at = 0; at < LOG.length; at += 997) survives(LOG.slice(at));
  });

  it('random bytes inside a log', () => {
    fc.assert(
      fc.property(
        fc.nat(LOG.length),
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.nat(200),
        (at, bytes, gap) => {
          survives(LOG.slice(0, at) + bytes + LOG.slice(at + gap));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('resource trees that no kernel would print, alone and beside a log', () => {
    const NAMES = [
      'System RAM',
      'Reserved',
      'ACPI Tables',
      'Persistent Memory',
      'Persistent Memory (legacy)',
      'Soft Reserved',
      'namespace0.0',
      'dax0.0',
      'System RAM (kmem)',
      'Kernel code',
      'RAM buffer',
      'CXL Window 0',
      'PCI Bus 0000:00',
      '',
    ];
    const line = fc.tuple(
      fc.nat(3),
      fc.bigInt(0n, 1n << 54n),
      fc.bigInt(0n, 1n << 54n),
      fc.constantFrom(...NAMES),
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), fc.boolean(), (rows, alone) => {
        const text = rows
          .map(([depth, a, b, name]) => {
            const [start, end] = a < b ? [a, b] : [b, a];
            return `${'  '.repeat(depth)}${start.toString(16).padStart(8, '0')}-${end.toString(16).padStart(8, '0')} : ${name}\n`;
          })
          .join('');
        survives(...(alone ? [text] : [LOG, text]));
      }),
      { numRuns: 150 },
    );
  });

  it('shuffled and repeated lines', () => {
    const lines = LOG.split('\n');
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 80 }), (some) => {
        survives(some.join('\n'));
      }),
      { numRuns: 100 },
    );
  });

  it.each<[string, string]>([
    ['empty', ''],
    ['only NULs', '\0'.repeat(1000)],
    [
      'a binary file',
      String.fromCharCode(...Array.from({ length: 4096 }, (_, i) => (i * 151) % 256)),
    ],
    ['one very long line', `BIOS-e820: ${'x'.repeat(1_000_000)}`],
    ['a very long row', `[    0.000000] BIOS-e820: [mem 0x${'0'.repeat(500_000)}-0x1] usable\n`],
    ['a stamp that never ends', `[${' '.repeat(500_000)}`],
    [
      'numbers beyond 64 bits',
      'BIOS-e820: [mem 0x0-0xffffffffffffffffffffff] usable\nlast_pfn = 0xffffffffffffffffff max_arch_pfn = 0x1\nOn node 0 totalpages: 99999999999999999999999\nMemory: 1K/99999999999999999999K available (\n',
    ],
    ['every address there is', 'BIOS-e820: [mem 0x0000000000000000-0xffffffffffffffff] usable\n'],
    [
      'memory over 52 bits',
      'BIOS-e820: [mem 0x0010000000000000-0x001fffffffffffff] usable\nBIOS-e820: [mem 0x0000000000000000-0x00000000ffffffff] usable\n',
    ],
    [
      'nodes without end',
      'SRAT: PXM 0 -> APIC 0x00 -> Node 4095\nACPI: SRAT: Node 9999 PXM 0 [mem 0x0-0xfff]\n',
    ],
    ['a prototype as a zone', 'Node 0, zone __proto__\n  pages free 1\n        spanned  1\n'],
    [
      'a prototype as a type',
      'BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] constructor\n',
    ],
    ['terminal escapes', 'Zone ranges:\n\u001b[2J\u001b]0;owned\u0007 hello\n'],
    ['YAML in a command line', 'Command line: a: b # c\n'],
    [
      'resources nested for ever',
      Array.from({ length: 500 }, (_, i) => `${'  '.repeat(i)}00000000-0000ffff : level ${i}`).join(
        '\n',
      ),
    ],
    [
      'a resource with a hostile name',
      '00000000-0000ffff : "}, evil: [\u0001\n00010000-0001ffff : - &a *a\n',
    ],
  ])('%s', (_name, text) => {
    survives(text);
  });

  it('hostile files together with a good one are refused as files, not mixed in', () => {
    const { problems } = survives(LOG, '\0\0\0');
    expect(problems.map(({ file }) => file)).toEqual(['f1']);
  });

  it.each<[string, string]>([
    [
      'ten million characters of log lines',
      '[    0.000000] ACPI: something the importer has no use for at all, 0x1234567890\n',
    ],
    [
      'three million characters of overlapping rows',
      'BIOS-e820: [mem 0x00000000000*****-0x00000000ffffffff] usable\n',
    ],
    ['three million characters of resources', '000*****-ffffffff : Reserved\n'],
    ['three million characters of SRAT', 'ACPI: SRAT: Node 0 PXM 0 [mem 0x000*****-0xffffffff]\n'],
    ['three million characters of nested banners', 'Linux version 6.1\n'],
  ])('%s are read, and no work grows with their square', (name, row) => {
    const text = (chars: number) =>
      Array.from({ length: Math.floor(chars / row.length) }, (_, i) =>
        row.replace('*****', (i % 0xfffff).toString(16).padStart(5, '0')),
      ).join('');
    // Quadratic work on so many lines would outlast the time that any test has.
    const { problems } = importFiles([
      { name: 'big', text: text(name.startsWith('ten') ? 10_000_000 : 3_000_000) },
    ]);
    expect(problems).toEqual([]);
  });
});
