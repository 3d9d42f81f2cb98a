import { describe, expect, it } from 'vitest';
import { readIomem } from '../../../src/main/formats/iomem.ts';
import { formatNote } from '../../../src/main/formats/note.ts';
import { textLines } from '../../../src/main/formats/text-lines.ts';

const read = (text: string) => readIomem('iomem', textLines(text));

describe('formats/iomem', () => {
  it('reads ranges, names and nesting by two spaces', () => {
    const { entries } = read(`00100000-1ffdffff : System RAM
  01000000-020f1def : Kernel code
20000000-febfffff : PCI Bus 0000:00
  fd000000-fdffffff : 0000:00:02.0
    fd000000-fd0fffff : efifb
`);
    expect(entries.map(({ start, depth, name, kind }) => [start, depth, name, kind.is])).toEqual([
      [0x100000n, 0, 'System RAM', 'ram'],
      [0x1000000n, 1, 'Kernel code', 'image'],
      [0x20000000n, 0, 'PCI Bus 0000:00', 'resource'],
      [0xfd000000n, 1, '0000:00:02.0', 'resource'],
      [0xfd000000n, 2, 'efifb', 'resource'],
    ]);
  });

  it('knows firmware entries by their names of every era', () => {
    const kinds = read(`00000000-00000fff : reserved
00001000-00001fff : Reserved
00002000-00002fff : ACPI Tables
00003000-00003fff : ACPI Non-volatile Storage
00004000-00004fff : Unusable memory
00005000-00005fff : Soft Reserved
00006000-00006fff : Persistent Memory (legacy)
`).entries.map(({ kind }) => (kind.is === 'firmware' ? kind.type : kind.is));
    expect(kinds).toEqual([
      'reserved',
      'reserved',
      'acpi',
      'nvs',
      'unusable',
      'soft-reserved',
      'pmem-legacy',
    ]);
  });

  it('tells what drivers made of persistent memory from the memory itself', () => {
    const { entries } = read(`140000000-33fffffff : Persistent Memory
  140000000-1481fffff : namespace0.0
  150000000-33fffffff : dax0.0
    150000000-33fffffff : System RAM (kmem)
`);
    expect(entries.map(({ kind }) => kind.is)).toEqual([
      'persistent',
      'namespace',
      'namespace',
      'namespace',
    ]);
    expect(entries[0]?.driven).toBe(true);
  });

  it('says that a file without addresses has none, and how to read it', () => {
    const facts = read('00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n');
    expect(facts.entries).toEqual([]);
    expect(facts.notes.map(formatNote)[0]).toBe(
      'iomem: not used: holds no addresses, because it was read without CAP_SYS_ADMIN; read it as root (sudo cat /proc/iomem)',
    );
  });

  it('notes lines that are cut, turned round, or deeper than their parents', () => {
    const facts = read(
      '00001000-00000fff : Reserved\n    00002000-00002fff : orphan\n00003000-0000\n',
    );
    expect(facts.entries).toEqual([]);
    expect(facts.notes.map(({ line, reason }) => [line, reason])).toEqual([
      [1, 'damaged'],
      [2, 'damaged'],
      [3, 'damaged'],
    ]);
  });
});
