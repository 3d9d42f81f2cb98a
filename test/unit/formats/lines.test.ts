import { describe, expect, it } from 'vitest';
import { readBanner } from '../../../src/main/formats/banner.ts';
import { followsFromCommandLine } from '../../../src/main/formats/command-line.ts';
import { tableLine, updateLine } from '../../../src/main/formats/e820-line.ts';
import { kernelMessage } from '../../../src/main/formats/log-prefix.ts';
import { textLines } from '../../../src/main/formats/text-lines.ts';

describe('formats/log-prefix', () => {
  const MESSAGE = '  DMA      [mem 0x0000000000001000-0x0000000000ffffff]';
  it.each([
    ['nothing', ''],
    ['a time stamp', '[    0.000000] '],
    ['a time stamp and a caller', '[    0.000000][    T0] '],
    ['a wall-clock stamp (dmesg -T)', '[Thu Nov 21 11:00:00 2026] '],
    ['a delta (dmesg -d)', '[  +0.000012] '],
    ['facility and level (dmesg -x)', 'kern  :info  : [    0.000000] '],
    ['a raw level', '<6>[    0.000000] '],
    ['syslog', 'Nov 21 11:00:00 host kernel: '],
    ['syslog with a stamp', 'Nov 21 11:00:00 host kernel: [    0.000000] '],
    ['ISO syslog', '2026-11-21T11:00:00.123456+00:00 host kernel: '],
    ['journalctl -o short-monotonic', '[    0.000000] host kernel: '],
    ['dmesg --time-format iso', '2026-11-21T11:00:00,123456+00:00 '],
  ])('takes %s from before a message, and no space of the message', (_name, prefix) => {
    expect(kernelMessage(prefix + MESSAGE).text).toBe(MESSAGE);
  });

  it('splits lines with LF, CRLF and CR, and knows a last line that may be cut', () => {
    expect(textLines('\uFEFFa\r\nb\rc').map((l) => [l.number, l.text, l.unterminated])).toEqual([
      [1, 'a', false],
      [2, 'b', false],
      [3, 'c', true],
    ]);
    expect(textLines('a\n')).toHaveLength(1);
  });
});

describe('formats/e820-line', () => {
  it.each<[string, string, object]>([
    [
      '6.x',
      'BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable',
      { start: 0n, end: 0x9fbffn, type: 'usable' },
    ],
    [
      '7.x',
      'BIOS-e820: [mem 0x000000000009fc00-0x000000000009ffff]  device reserved',
      { type: 'reserved' },
    ],
    [
      '7.x',
      'BIOS-e820: [mem 0x0000000000100000-0x000000001ffdffff]  System RAM',
      { type: 'usable' },
    ],
    [
      '2.6',
      ' BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)',
      { start: 0n, end: 0x9fbffn, type: 'usable' },
    ],
    [
      '2.6',
      ' BIOS-e820: 00000000bff60000 - 00000000bff72000 (ACPI data)',
      { end: 0xbff71fffn, type: 'acpi' },
    ],
    ['any', 'BIOS-e820: [mem 0x00000000f7ffb000-0x00000000f7ffefff] ACPI NVS', { type: 'nvs' }],
    [
      'any',
      'BIOS-e820: [mem 0x0000000000001000-0x0000000000001fff] unusable',
      { type: 'unusable' },
    ],
    [
      '4.x',
      'BIOS-e820: [mem 0x0000000100000000-0x000000013fffffff] persistent (type 7)',
      { type: 'pmem' },
    ],
    [
      '4.x',
      'BIOS-e820: [mem 0x0000000100000000-0x000000013fffffff] persistent (type 12)',
      { type: 'pmem-legacy' },
    ],
    [
      '7.x',
      'BIOS-e820: [mem 0x0000000100000000-0x000000013fffffff]  persistent RAM (type 12)',
      { type: 'pmem-legacy' },
    ],
    [
      '5.5+',
      'BIOS-e820: [mem 0x0000000100000000-0x000000013fffffff] soft reserved',
      { type: 'soft-reserved' },
    ],
    [
      'any',
      'BIOS-e820: [mem 0x00000000e0000000-0x00000000efffffff] type 20',
      { type: 'reserved', e820_type: 20 },
    ],
    ['memmap=', 'user: [mem 0x0000000010000000-0x0000000013ffffff] reserved', { table: 'user' }],
    [
      'setup_data',
      'reserve setup_data: [mem 0x0000000100000000-0x000000041f37ffff] usable',
      { table: 'reserve setup_data' },
    ],
    [
      'EFI e820 extension',
      'extended: [mem 0x0000000100000000-0x000000041f37ffff] usable',
      { table: 'extended' },
    ],
  ])('reads a row of the map as %s prints it: %s', (_era, line, wanted) => {
    expect(tableLine(line)).toMatchObject(wanted);
  });

  it.each([
    'BIOS-e820: [mem 0x0000000000000000-0x00000000000',
    'BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usab',
    'BIOS-e820: [mem 0x0000000000002000-0x0000000000001fff] usable',
    'BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff]',
    'BIOS-e820: [mem 0x0000000000000000-0x1000000000009fbff] usable',
  ])('calls a cut or impossible row damaged: %s', (line) => {
    expect(tableLine(line)).toEqual({ damaged: true });
  });

  it('reads changes of the map in the words of every era', () => {
    expect(updateLine('e820: update [mem 0x00000000-0x00000fff] usable ==> reserved')).toEqual({
      action: 'update',
      start: 0n,
      end: 0xfffn,
      from: 'usable',
      to: 'reserved',
    });
    expect(updateLine('e820: remove [mem 0x000a0000-0x000fffff] System RAM')).toMatchObject({
      action: 'remove',
      from: 'usable',
    });
    expect(
      updateLine('e820 update range: 00000000c0000000 - 0000000100000000 (usable) ==> (reserved)'),
    ).toEqual({
      action: 'update',
      start: 0xc0000000n,
      end: 0xffffffffn,
      from: 'usable',
      to: 'reserved',
    });
    expect(updateLine('e820: remove [mem 0xf0000000-0xf3ffffff] reserved')).toMatchObject({
      from: 'reserved',
    });
  });

  it('RAM that becomes "usable" is RAM the kernel keeps for setup_data', () => {
    expect(updateLine('e820: update [mem 0x0b998018-0x0b9a0057] usable ==> usable')).toMatchObject({
      to: 'reserved-kern',
    });
  });
});

describe('formats/command-line', () => {
  const remove = (start: bigint) => ({
    action: 'remove' as const,
    start,
    end: (1n << 64n) - 2n,
    from: 'usable' as const,
  });

  it('knows the removal that mem= causes, in any of its spellings', () => {
    expect(followsFromCommandLine(remove(0x20000000n), 'quiet mem=512M')).toBe(true);
    expect(followsFromCommandLine(remove(0x20000000n), 'mem=0x20000000')).toBe(true);
    expect(followsFromCommandLine(remove(0x20000000n), 'memmap=512M')).toBe(true);
    expect(followsFromCommandLine(remove(0x20000000n), 'mem=1G')).toBe(false);
    expect(followsFromCommandLine(remove(0x20000000n), 'quiet -- mem=512M')).toBe(false);
  });

  it('knows the change of type that memmap=size%start-old+new causes', () => {
    const update = {
      action: 'update' as const,
      start: 0x10000000n,
      end: 0x13ffffffn,
      from: 'usable' as const,
      to: 'reserved' as const,
    };
    expect(followsFromCommandLine(update, 'memmap=64M%256M-1+2')).toBe(true);
    expect(followsFromCommandLine(update, 'memmap=64M$256M')).toBe(false);
    expect(followsFromCommandLine(update, 'memmap=1M%256M-1+2')).toBe(false);
  });
});

describe('formats/banner', () => {
  it('keeps a vendor version in full, without the architecture', () => {
    expect(
      readBanner(
        'Linux version 4.18.0-80.11.2.el8_0.x86_64 (mock@build) (gcc version 8.2.1 (GCC)) #1 SMP Sun',
      ),
    ).toEqual({
      version: '4.18.0-80.11.2.el8_0',
      release: '4.18.0-80.11.2.el8_0.x86_64',
      arch: 'x86_64',
    });
  });

  it('takes the source release that Debian and Ubuntu name', () => {
    expect(
      readBanner(
        'Linux version 6.1.0-56-amd64 (d@l) (gcc-12) #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)',
      )?.version,
    ).toBe('6.1.192');
    expect(
      readBanner(
        'Linux version 5.15.0-91-generic (b@l) (gcc, GNU ld) #101-Ubuntu SMP (Ubuntu 5.15.0-91.101-generic 5.15.131)',
      )?.version,
    ).toBe('5.15.131');
  });

  it('reads a mainline version and an architecture from the compiler', () => {
    expect(
      readBanner('Linux version 6.12.0 (me@here) (aarch64-linux-gnu-gcc) #1 SMP'),
    ).toMatchObject({
      version: '6.12.0',
      arch: 'arm64',
    });
    expect(readBanner('Linux version')).toBeUndefined();
  });
});
