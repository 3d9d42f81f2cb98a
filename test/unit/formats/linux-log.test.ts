import { describe, expect, it } from 'vitest';
import { readLinuxLog } from '../../../src/main/formats/linux-log.ts';
import { formatNote } from '../../../src/main/formats/note.ts';
import { textLines } from '../../../src/main/formats/text-lines.ts';

const read = (...lines: string[]) => readLinuxLog('dmesg.txt', textLines(`${lines.join('\n')}\n`));
const notes = (facts: ReturnType<typeof read>) => facts.notes.map(formatNote);

const MAP = [
  'BIOS-provided physical RAM map:',
  'BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable',
  'BIOS-e820: [mem 0x0000000000100000-0x00000000bfffffff] usable',
];

describe('formats/linux-log: the machine', () => {
  it('leaves out the two changes that every x86 kernel makes', () => {
    const facts = read(
      ...MAP,
      'e820: update [mem 0x00000000-0x00000fff] usable ==> reserved',
      'e820: remove [mem 0x000a0000-0x000fffff] usable',
    );
    expect(facts.updates).toEqual([]);
    expect(notes(facts)).toEqual([
      'dmesg.txt:4: derived: e820: update [mem 0x00000000-0x00000fff] usable ==> reserved (arch/x86/kernel/setup.c:trim_bios_range)',
      'dmesg.txt:5: derived: e820: remove [mem 0x000a0000-0x000fffff] usable (arch/x86/kernel/setup.c:trim_bios_range)',
    ]);
  });

  it('leaves out what the command line asked for', () => {
    const facts = read(
      'Command line: mem=1G',
      ...MAP,
      'e820: remove [mem 0x40000000-0xfffffffffffffffe] usable',
    );
    expect(facts.updates).toEqual([]);
    expect(facts.cmdline).toBe('mem=1G');
  });

  it('keeps changes that only firmware explains, in order and with their cause', () => {
    const facts = read(
      ...MAP,
      'efi: Remove mem97: MMIO range=[0xb0000000-0xb3ffffff] (64MB) from e820 map',
      'e820: remove [mem 0xb0000000-0xb3ffffff] reserved',
      'e820: update [mem 0xbf800000-0xbfffffff] usable ==> reserved',
      'Reserving Intel graphics memory at [mem 0xbd000000-0xbeffffff]',
    );
    expect(facts.updates).toEqual([
      {
        action: 'remove',
        start: 0xb0000000n,
        end: 0xb3ffffffn,
        from: 'reserved',
        origin:
          'dmesg.txt:5: efi: Remove mem97: MMIO range=[0xb0000000-0xb3ffffff] (64MB) from e820 map',
      },
      {
        action: 'update',
        start: 0xbf800000n,
        end: 0xbfffffffn,
        from: 'usable',
        to: 'reserved',
        origin: 'dmesg.txt:6',
      },
      {
        action: 'update',
        start: 0xbd000000n,
        end: 0xbeffffffn,
        from: 'usable',
        to: 'reserved',
        origin: 'dmesg.txt:7: Reserving Intel graphics memory at [mem 0xbd000000-0xbeffffff]',
      },
    ]);
  });

  it("takes the extended map, which is firmware's too, over the first 128 entries", () => {
    const facts = read(
      ...MAP,
      'extended physical RAM map:',
      'extended: [mem 0x0000000000000000-0x000000000009fbff] usable',
      'extended: [mem 0x0000000000100000-0x00000000bfffffff] usable',
      'extended: [mem 0x0000000100000000-0x000000013fffffff] usable',
    );
    expect(facts.memory.map(({ start }) => start)).toEqual([0n, 0x100000n, 0x100000000n]);
  });

  it('never takes the maps the kernel made', () => {
    const facts = read(
      ...MAP,
      'user-defined physical RAM map:',
      'user: [mem 0x0000000000000000-0x000000000009fbff] usable',
      'reserve setup_data: [mem 0x0000000000000000-0x000000000009fbff] usable',
    );
    expect(facts.memory).toHaveLength(2);
    expect(notes(facts)[0]).toBe(
      'dmesg.txt:5: derived: user: [mem 0x0000000000000000-0x000000000009fbff] usable (the kernel made this map)',
    );
  });

  it('says so when the log begins inside the memory map', () => {
    const facts = read(...MAP.slice(1));
    expect(notes(facts)).toEqual([
      'dmesg.txt: assumed: the log begins inside the memory map, so the first ranges of "BIOS-e820" may be missing',
    ]);
  });

  it('reads SRAT with its flags, and as kernels before 3.5 printed it', () => {
    const facts = read(
      'ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x0009ffff]',
      'ACPI: SRAT: Node 1 PXM 2 [mem 0x100000000-0x3dfffffff] hotplug non-volatile',
      'SRAT: Node 0 PXM 0 0-a0000',
    );
    expect(facts.srat).toEqual([
      { start: 0n, end: 0x9ffffn, node: 0, hotplug: false, non_volatile: false },
      { start: 0x100000000n, end: 0x3dfffffffn, node: 1, hotplug: true, non_volatile: true },
      { start: 0n, end: 0x9ffffn, node: 0, hotplug: false, non_volatile: false },
    ]);
  });

  it('counts the CPUs of each node from SRAT, or from the order they were started in', () => {
    expect(
      read(
        'SRAT: PXM 0 -> APIC 0x00 -> Node 0',
        'SRAT: PXM 1 -> APIC 0x01 -> Node 1',
        '.... node  #1, CPUs:    #1 #2',
      ).cpu.byNode,
    ).toEqual(
      new Map([
        [0, 1],
        [1, 1],
      ]),
    );
    expect(
      read('.... node  #0, CPUs:      #1', '.... node  #1, CPUs:   #2  #3').cpu.byNode,
    ).toEqual(
      new Map([
        [0, 2],
        [1, 2],
      ]),
    );
  });

  it('learns the width of the CPU from MTRR masks, and 5-level paging from max_arch_pfn', () => {
    const { cpu } = read(
      '  0 base 000000000000 mask 3FFF00000000 write-back',
      'DMAR: Host address width 39',
      'last_pfn = 0x208000 max_arch_pfn = 0x10000000000',
      'Hypervisor detected: KVM',
      'smpboot: CPU0: Intel(R) Xeon(R) W-2155 CPU @ 3.30GHz (family: 0x6, model: 0x55, stepping: 0x4)',
    );
    expect(cpu).toMatchObject({
      physBits: { bits: 46, from: 'MTRR' },
      la57: true,
      hypervisor: { by: 'cpuid', name: 'KVM' },
      vendor: 'Intel',
    });
  });

  it('finds the ACPI tables, by the lines of any era, without their roots', () => {
    const { firmware } = read(
      'ACPI: RSDP 0x00000000F7FFA014 000024 (v02 VRTUAL)',
      'ACPI: XSDT 0x00000000F7FF90E8 00005C (v01 VRTUAL MICROSFT 00000001 MSFT 00000001)',
      'ACPI: FACP 0x00000000F7FF8000 000114 (v06 VRTUAL MICROSFT 00000001 MSFT 00000001)',
      'ACPI: FACS 0x00000000F7FFE000 000040',
      'ACPI: Reserving FACP table memory at [mem 0xf7ff8000-0xf7ff8113]',
      'ACPI: SSDT 0xFFFF9C3F01234000 000100 (v02 PmRef  Cpu0Ist  00003000 INTL 20160527)',
      'PCI: System does not support PCI',
    );
    expect([...firmware.tables.values()]).toEqual([
      { start: 0xf7ff8000n, end: 0xf7ff8113n, name: 'FACP' },
      { start: 0xf7ffe000n, end: 0xf7ffe03fn, name: 'FACS' },
    ]);
    expect(firmware.pci).toBe(false);
  });

  it('takes the last boot of a journal that holds several', () => {
    const boot = (n: number) => [
      `Linux version 6.${n}.0 (a@b) (x86_64-linux-gnu-gcc) #1`,
      'BIOS-provided physical RAM map:',
      `BIOS-e820: [mem 0x0000000000000000-0x000000000009${n}fff] usable`,
    ];
    const facts = read(...boot(1), ...boot(2));
    expect(facts.banner?.version).toBe('6.2.0');
    expect(facts.memory).toEqual([{ start: 0n, end: 0x92fffn, type: 'usable' }]);
    expect(facts.notes).toHaveLength(3);
  });
});

describe('formats/linux-log: results become expectations', () => {
  const wants = (facts: ReturnType<typeof read>) =>
    facts.expect.map(({ kind, want, source }) => [kind, want, source.line]);

  it('zone ranges, movable starts and nodes', () => {
    const facts = read(
      'Zone ranges:',
      '  DMA      [mem 0x0000000000001000-0x0000000000ffffff]',
      '  Normal   empty',
      'Movable zone start for each node',
      '  Node 1: 0x0000000280000000',
      'Early memory node ranges',
      '  node   0: [mem 0x0000000000001000-0x000000000009efff]',
      '  node   0: [mem 0x0000000000100000-0x000000001fffffff]',
      'Initmem setup node 0 [mem 0x0000000000001000-0x000000001fffffff]',
      'Initmem setup node 1 as memoryless',
      'On node 0 totalpages: 130974',
      '  DMA zone: 64 pages used for memmap',
      '  DMA zone: 3998 pages, LIFO batch:0',
    );
    expect(wants(facts)).toEqual([
      ['zone_range', { zone: 'DMA', start: 0x1000n, end: 0xffffffn }, 2],
      ['zone_range', { zone: 'Normal', empty: true }, 3],
      ['movable_start', { node: 1, start: 0x280000000n }, 5],
      [
        'node',
        {
          id: 0,
          ranges: [
            { start: 0x1000n, end: 0x9efffn },
            { start: 0x100000n, end: 0x1fffffffn },
          ],
          start: 0x1000n,
          end: 0x1fffffffn,
          present: 130974,
        },
        7,
      ],
      ['node', { id: 1, present: 0 }, 10],
      ['zone', { node: 0, zone: 'DMA', present: 3998 }, 13],
    ]);
    expect(notes(facts)).toEqual(['dmesg.txt:12: not used:   DMA zone: 64 pages used for memmap']);
  });

  it('holes are summed for each zone, as they are printed one by one', () => {
    expect(
      wants(
        read(
          'On node 0, zone DMA: 1 pages in unavailable ranges',
          'On node 0, zone DMA: 97 pages in unavailable ranges',
          'Zeroed struct page in unavailable ranges: 289 pages',
        ),
      ),
    ).toEqual([
      ['unavailable', { pages: 98, node: 0, zone: 'DMA' }, 1],
      ['unavailable', { pages: 289 }, 3],
    ]);
  });

  it('max_pfn is the last page of all RAM, not the second figure for RAM below 4 GiB', () => {
    expect(
      wants(
        read(
          'last_pfn = 0x208000 max_arch_pfn = 0x400000000',
          'e820: last_pfn = 0xf8000 max_arch_pfn = 0x400000000',
          'Memory: 4057544K/8387452K available (12292K kernel code)',
        ),
      ),
    ).toEqual([
      ['var', { max_pfn: 0x208000 }, 1],
      ['var', { physpages: 2096863 }, 3],
    ]);
  });

  it('a figure on the line where the file ends may be cut, and is not used', () => {
    const facts = readLinuxLog('d', textLines('Zone ranges:\nOn node 0 totalpages: 2096'));
    expect(facts.expect).toEqual([]);
    expect(notes(facts)).toEqual(['d:2: damaged: On node 0 totalpages: 2096 (the file ends here)']);
  });
});
