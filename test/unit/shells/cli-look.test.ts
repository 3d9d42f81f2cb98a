import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CallerFolder, SMALL_LAB } from './capture-terminal.ts';

const folder = new CallerFolder();

beforeAll(async () => {
  folder.write('small.lab.yaml', SMALL_LAB);
  folder.write('larger.lab.yaml', SMALL_LAB.replaceAll('0x1ffdffff', '0x1ffcffff'));
  await folder.run('run', 'small.lab.yaml', '--out', 'small.pfnlab');
});
afterAll(() => folder.remove());

describe('lab show', () => {
  test('prints the same of a lab and of its recording', async () => {
    for (const file of ['--iomem', '--zoneinfo', '--buddyinfo', '--memory-blocks']) {
      const lab = await folder.run('show', 'small.lab.yaml', file);
      const recording = await folder.run('show', 'small.pfnlab', file);
      expect([lab.code, lab.err]).toEqual([0, []]);
      expect(lab.out).not.toBe('');
      expect(recording.out).toBe(lab.out);
    }
  });

  test('--iomem has the layout of /proc/iomem', async () => {
    const { out } = await folder.run('show', 'small.lab.yaml', '--iomem');
    expect(out.split('\n')).toContain('00100000-1ffdffff : System RAM');
  });

  test('--zoneinfo has the figures of the zones', async () => {
    const { out } = await folder.run('show', 'small.lab.yaml', '--zoneinfo');
    expect(out).toMatch(/^Node 0, zone {6}DMA$/m);
    expect(out).toMatch(/^ {8}spanned {2}4095$/m);
    expect(out).toMatch(/^ {8}present {2}3998$/m);
  });

  test('--table prints records of a table: in columns, as JSON, as CSV', async () => {
    const show = (...argv: string[]) => folder.run('show', 'small.lab.yaml', '--table', ...argv);
    const { out } = await show('zones');
    expect(out).toMatch(/^key {2}nid {2}index {2}name {5}zone_start_pfn {2}spanned_pages/m);
    expect(out).toMatch(/^1 {4}0 {4}1 {6}DMA32 {4}0x1000 {10}126944/m);
    expect(out).toContain(
      'spanned_pages: zone_end_pfn - zone_start_pfn, holes included (struct zone.spanned_pages)',
    );
    const json = JSON.parse((await show('zones', '--json')).out);
    expect(json[1]).toMatchObject({ name: 'DMA32', zone_start_pfn: 4096, contiguous: true });
    const csv = (await show('e820', '--csv')).out.split('\r\n');
    expect(csv.slice(0, 2)).toEqual(['start,end,type,entry', '0x0,0x1000,reserved,0']);
    const before = await show('zones', '--json', '--at', '0');
    expect(before.out).toBe('[]\n');
  });

  test('--table says which tables there are, and goes with one form', async () => {
    const unknown = await folder.run('show', 'small.lab.yaml', '--table', 'zone');
    expect(unknown.code).toBe(2);
    expect(unknown.err[0]).toMatch(
      /^pfnlab: show: there is no table "zone"; there are vars, .*zones/,
    );
    const both = await folder.run('show', 'small.lab.yaml', '--table=zones', '--json', '--csv');
    expect(both.err).toEqual(['pfnlab: show: it takes --json or --csv, not both']);
    const file = await folder.run('show', 'small.lab.yaml', '--iomem', '--csv');
    expect(file.err).toEqual(['pfnlab: show: --json and --csv go with --table']);
    const two = await folder.run('show', 'small.lab.yaml', '--iomem', '--table', 'zones');
    expect(two.code).toBe(2);
  });

  test('takes exactly one of its files', async () => {
    for (const argv of [[], ['--iomem', '--zoneinfo']]) {
      const { code, err } = await folder.run('show', 'small.lab.yaml', ...argv);
      expect(code).toBe(2);
      expect(err).toEqual([
        'pfnlab: show: it takes one of --iomem, --zoneinfo, --buddyinfo, --memory-blocks, --memmap, --p2pmem, --dma, --swap-types, --pins, --files, --maps, --smaps, --pagemap, --table',
      ]);
    }
  });
});

describe('lab page and explain', () => {
  test('page says everything about one struct page, in text and JSON', async () => {
    const { code, out } = await folder.run('page', 'small.lab.yaml', '0x1000');
    expect(code).toBe(0);
    expect(out).toContain('pfn        4096 (0x1000)\nphys       0x1000000\npfn_valid  true');
    expect(out).toContain('zone       node 0 DMA32\n');
    const page = JSON.parse((await folder.run('page', 'small.pfnlab', '4096', '--json')).out);
    expect(page).toMatchObject({ pfn: 4096, phys: '0x1000000', valid: true, zone: 'DMA32' });
  });

  test('explain converts a PFN to its struct page and back', async () => {
    const { out } = await folder.run('explain', 'small.lab.yaml', '0x1000');
    // vmemmap begins at 0xffffea0000000000 with 4-level paging; struct page has 64 bytes.
    expect(out).toContain('0xffffea0000040000');
    expect(out).toContain('pfn_to_page');
    expect(out).toContain('page_to_pfn');
  });

  test('a page of no section is there to be asked about, and is not valid', async () => {
    const { code, out } = await folder.run('page', 'small.lab.yaml', '0x100000');
    expect(code).toBe(0);
    expect(out).toContain('pfn_valid  false');
  });

  test('a PFN this architecture cannot have is refused as the window refuses it', async () => {
    const { code, err } = await folder.run('page', 'small.lab.yaml', '0x400000000');
    expect(code).toBe(2);
    expect(err.at(-1)).toBe('pfnlab: page: pfn 0x400000000 is beyond MAX_PHYSMEM_BITS 46');
  });

  test('a PFN no machine can have is refused', async () => {
    for (const pfn of ['x', '1.5', '0x10000000000000']) {
      const { code, err } = await folder.run('page', 'small.lab.yaml', pfn);
      expect(code).toBe(2);
      expect(err[0]).toContain(`"${pfn}" is no PFN`);
    }
  });
});

describe('lab compare', () => {
  test('names the first step that differs and the records the runs end with', async () => {
    const { code, out } = await folder.run('compare', 'small.lab.yaml', 'larger.lab.yaml');
    expect(code).toBe(1);
    expect(out).toMatch(/the steps differ from step \d+ on:\n {2}A .*\n {2}B /);
    expect(out).toContain('max_pfn  value 131040 | 131024');
  });
});

describe('lab plugin', () => {
  test('lists the plugins that ship, and checks one by its folder', async () => {
    const listed = await folder.run('plugin', 'list');
    expect([listed.code, listed.err]).toEqual([0, []]);
    expect(listed.out).toContain('org.pfnlab.nvdimm ');
    const path = /^ {2}place {3}(.*nvdimm) \(shipped\)$/m.exec(listed.out)?.[1] ?? '';
    const checked = await folder.run('plugin', 'check', path);
    expect([checked.code, checked.err]).toEqual([0, []]);
    expect(listed.out).toContain(checked.out.replace('(named)', '(shipped)'));
  });
});

describe('lab import', () => {
  test('prints a lab that runs and holds, and lists unused lines on stderr', async () => {
    const log = [
      '[    0.000000] Linux version 6.12.0 (user@host) #1 SMP',
      '[    0.000000] Command line: quiet',
      '[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable',
      '[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000001fffffff] usable',
      '[    1.000000] some driver speaks',
    ];
    folder.write('dmesg.txt', `${log.join('\n')}\n`);
    const { code, out, err } = await folder.run('import', 'dmesg.txt');
    expect(code).toBe(0);
    expect(err).toContainEqual(expect.stringMatching(/^dmesg\.txt:5: not used: .*speaks/));
    folder.write('imported.lab.yaml', out);
    const ran = await folder.run('run', 'imported.lab.yaml', '--json');
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out).vars.max_pfn).toBe(0x20000);
  });
});
