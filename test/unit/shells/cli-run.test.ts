import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CallerFolder, ROOT, SMALL_LAB, WRONG_LAB } from './capture-terminal.ts';

const folder = new CallerFolder();
const wrongLine = WRONG_LAB.split('\n').findIndex((line) => line.includes('max_pfn')) + 1;

beforeAll(() => {
  folder.write('small.lab.yaml', SMALL_LAB);
  folder.write('wrong.lab.yaml', WRONG_LAB);
});
afterAll(() => folder.remove());

const read = (name: string) => readFileSync(join(folder.path, name), 'utf8');

describe('lab run', () => {
  test('ends with 0 and one line of report when every expectation holds', async () => {
    const { code, out, err } = await folder.run('run', 'small.lab.yaml');
    expect([code, out]).toEqual([0, '']);
    expect(err).toEqual([
      expect.stringMatching(
        /^a small PC: \d+ steps, state [0-9a-f]{32}, 4 of 4 expectations hold$/,
      ),
    ]);
  });

  test('says what hardware models printed', async () => {
    const lab = SMALL_LAB.replace(
      'program:\n  - boot\n',
      'devices:\n  - { id: gpu0, model: gpu, vram: 64MiB }\n' +
        'program:\n  - boot\n  - { actor: admin, do: gpu0.fail }\n',
    );
    folder.write('gpu.lab.yaml', lab);
    const { err } = await folder.run('run', 'gpu.lab.yaml');
    expect(err[0]).toMatch(/^gpu\.lab\.yaml: step \d+, fail: err: gpu0: device lost$/);
    const { out } = await folder.run('run', 'gpu.lab.yaml', '--json');
    expect(JSON.parse(out).messages).toEqual([
      {
        step: expect.any(Number),
        actor: 'admin',
        fn: 'fail',
        level: 'err',
        text: 'gpu0: device lost',
      },
    ]);
  });

  test('ends with 1 and the place of what does not hold', async () => {
    const { code, err } = await folder.run('run', 'wrong.lab.yaml');
    expect(code).toBe(1);
    expect(err[0]).toBe(`wrong.lab.yaml:${wrongLine}:5: var.max_pfn: expected 131041, got 131040`);
    expect(err[1]).toContain('3 of 4 expectations hold');
  });

  test('--json prints the state after the last step, expectations included', async () => {
    const { out } = await folder.run('run', 'wrong.lab.yaml', '--json');
    const state = JSON.parse(out);
    expect(state).toMatchObject({ schema: 1, hash_format: 1, kernel: { version: '6.12' } });
    expect(state.at).toBe(state.steps);
    expect(state.state_hash).toMatch(/^[0-9a-f]{32}$/);
    expect(state.vars).toMatchObject({ max_pfn: 131040, max_low_pfn: 131040 });
    expect(state.zones[0]).toMatchObject({
      node: 0,
      zone: 'DMA',
      start_pfn: 1,
      spanned: 4095,
      present: 3998,
    });
    expect(state.iomem).toContainEqual({
      start: '0x100000',
      end: '0x1ffdffff',
      name: 'System RAM',
      depth: 0,
    });
    expect(Object.keys(state)).toEqual([
      'schema',
      'kernel',
      'steps',
      'at',
      'state_hash',
      'hash_format',
      'vars',
      'zones',
      'free_lists',
      'sections',
      'memory_blocks',
      'memory_groups',
      'iomem',
      'pgmaps',
      'tasks',
      'vmas',
      'ptes',
      'mirrors',
      'devices',
      'p2pmem',
      'dma_mappings',
      'pins',
      'errors',
      'messages',
      'invariants',
      'expectations',
    ]);
    // Without an SRAT, acpi_numa_init() ends in -ENOENT and the kernel makes up one node.
    expect(state.errors).toMatchObject([{ fn: 'x86_acpi_numa_init', errno: 'ENOENT' }]);
    expect(state.expectations.at(-1)).toEqual({
      at: 'var.max_pfn',
      want: '131041',
      got: '131040',
      ok: false,
      file: 'wrong.lab.yaml',
      line: wrongLine,
    });
  });

  test('--at N is the state after step N, and step 0 is the empty world', async () => {
    const empty = JSON.parse(
      (await folder.run('run', 'small.lab.yaml', '--json', '--at', '0')).out,
    );
    expect([empty.at, empty.zones, empty.vars]).toEqual([0, [], {}]);
    const { out } = await folder.run('run', 'small.lab.yaml', '--at', '3');
    expect(out).toMatch(/^step {3}3 of \d+ {2}e820__memory_setup\nstate {2}[0-9a-f]{32}\n/);
    const beyond = await folder.run('run', 'small.lab.yaml', '--at', '99999999');
    expect([beyond.code, beyond.out]).toEqual([2, '']);
    expect(beyond.err[0]).toMatch(/there is no step 99999999: the recording has \d+$/);
  });

  test('--trace prints every step in order, indented under its caller', async () => {
    const { out } = await folder.run('run', 'small.lab.yaml', '--trace');
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe('         [swapper/0]');
    expect(lines[1]).toMatch(/^ {6}1 {2}start_kernel\(\)/);
    expect(lines[2]).toMatch(/^ {6}2 {4}setup_arch\(\)/);
    const numbers = lines.map((line) => Number(line.slice(0, 7))).filter((seq) => seq > 0);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(out).toMatch(/e820__end_of_ram_pfn\(.*\) = 131040/);
  });

  test('--trace shows a run of equal calls with its count', async () => {
    const { out } = await folder.run('run', 'small.lab.yaml', '--trace');
    expect(out).toMatch(/__init_single_page\(.*\) +\u00d7\d+/);
  });

  test('--out writes a recording with the same steps and state', async () => {
    const { code, err } = await folder.run('run', 'small.lab.yaml', '--out', 'small.pfnlab');
    expect(code).toBe(0);
    expect(err).toHaveLength(1);
    const compared = await folder.run('compare', 'small.lab.yaml', 'small.pfnlab');
    expect([compared.code, compared.err]).toEqual([0, []]);
    expect(compared.out).toContain('the steps are the same');
  });

  test('--junit has one test case for each expectation', async () => {
    const { code } = await folder.run('run', 'wrong.lab.yaml', '--junit', 'report.xml');
    expect(code).toBe(1);
    const xml = read('report.xml');
    expect(xml).toContain('<testsuites tests="4" failures="1">');
    expect(xml.match(/<testcase /g)).toHaveLength(4);
    expect(xml).toContain('<failure message="expected 131041, got 131040">');
  });

  test('--report takes the report away from stderr', async () => {
    const { code, err } = await folder.run('run', 'wrong.lab.yaml', '--report', 'report.txt');
    expect([code, err]).toEqual([1, []]);
    expect(read('report.txt')).toContain('var.max_pfn: expected 131041, got 131040\n');
  });

  test('a file that cannot be written is told, and nothing is left of it', async () => {
    for (const option of ['--out', '--junit', '--report']) {
      const { code, err } = await folder.run('run', 'small.lab.yaml', option, 'no/where.x');
      expect(code).toBe(2);
      expect(err.filter((line) => line.startsWith('no/where.x: '))).toHaveLength(1);
    }
    expect(existsSync(join(folder.path, 'no'))).toBe(false);
  });

  test('--trace and --json both want stdout', async () => {
    const { code, err } = await folder.run('run', 'small.lab.yaml', '--trace', '--json');
    expect(code).toBe(2);
    expect(err).toEqual([
      'pfnlab: run: --trace prints steps and --json or --at a state: take one of them',
    ]);
  });
});

describe('lab run: what a reader must know', () => {
  test('an assumed version, overridden switches and a hypothetical kernel are told', async () => {
    const vendor = SMALL_LAB.replace('"6.12"', '"6.12.0-55.el10"').replace(
      'model: sparsemem-vmemmap }',
      'model: sparsemem-vmemmap, hypothetical: true, switches: { device_memory_moves_max_pfn: false } }',
    );
    folder.write('vendor.lab.yaml', vendor);
    const { code, err } = await folder.run('run', 'vendor.lab.yaml');
    expect(code).toBe(0);
    expect(err).toContainEqual(expect.stringMatching(/^vendor\.lab\.yaml: assumption: .*6\.12/));
    expect(err).toContain('vendor.lab.yaml: overridden switches: device_memory_moves_max_pfn');
    expect(err).toContain('vendor.lab.yaml: hypothetical: no kernel ever had this combination');
  });

  test('an error of the program that nothing expects is told, and one expected is not', async () => {
    // 2 MiB hold neither an info block with its alignment nor any data: __nvdimm_setup_pfn().
    const device =
      'devices: [ { id: n, model: nvdimm, range: { start: 0x100000000, size: 2MiB } } ]';
    const action = 'n.create-namespace: { mode: fsdax, map: dev }';
    const small = (entry: string) =>
      SMALL_LAB.replace('program:', `${device}\nprogram:`).replace(
        '- boot',
        `- boot\n  - ${entry}`,
      );
    folder.write('unexpected.lab.yaml', small(action));
    const told = await folder.run('run', 'unexpected.lab.yaml', '--json');
    expect(told.err.join('\n')).toMatch(
      /unexpected\.lab\.yaml:17:5: create-namespace: expected no error, got -ENXIO \(.+\), which nothing expects/,
    );
    expect(told.code).toBe(1);
    const { errors } = JSON.parse(told.out) as { errors: { errno: string }[] };
    expect(errors.filter(({ errno }) => errno === 'ENXIO')).toHaveLength(1);

    folder.write('expected.lab.yaml', small(`{ ${action}, expect: { errno: ENXIO } }`));
    const quiet = await folder.run('run', 'expected.lab.yaml');
    expect(quiet.code).toBe(0);
    // Besides what the driver printed.
    const own = quiet.err.filter((line) => !/: step \d+, \w+: (err|warn|info): /.test(line));
    expect(own).toEqual([expect.stringContaining('5 of 5 expectations hold')]);
  });

  test.each([
    ['its own `expect` names the errno', 'expect: { errno: EINVAL }', '', 0],
    ['its own `expect` says that it fails', 'expect: { ok: false }', '', 0],
    ['its own `expect` says another errno', 'expect: { errno: EBUSY }', '', 1],
    ['its own `expect` is about the world', 'expect: [ { var: { max_pfn: 131040 } } ]', '', 1],
    ['an expectation names the errno', '', '- error: { errno: EINVAL }', 0],
    ['an expectation names the function', '', '- error: { errno: EINVAL, fn: ext4_fill_super }', 0],
    ['one names where it began', '', '- error: { errno: EOPNOTSUPP, fn: fs_dax_get_by_bdev }', 0],
    ['an expectation names another function', '', '- error: { errno: EINVAL, fn: munmap }', 1],
    ['an expectation names another errno', '', '- error: { errno: EBUSY }', 1],
    ['nothing does', '', '', 1],
  ])('an operation that fails: %s', async (_title, own, atEnd, wanted) => {
    const device =
      'devices: [ { id: n, model: nvdimm, range: { start: 0x100000000, size: 1GiB } } ]';
    const mount = `{ n.ns0.mount: { fs: ext4, options: dax, at: /mnt }${own && `, ${own}`} }`;
    const lab = SMALL_LAB.replace('program:', `${device}\nprogram:`)
      .replace('- boot', `- boot\n  - ${mount}`)
      .replace('\nexpect:', `\nexpect:${atEnd && `\n  ${atEnd}`}`);
    folder.write('fails.lab.yaml', lab);
    const { code, err } = await folder.run('run', 'fails.lab.yaml', '--junit', 'fails.xml');
    expect(code, err.join('\n')).toBe(wanted);
    const failures = Number(/failures="(\d+)"/.exec(read('fails.xml'))?.[1]);
    expect(failures > 0).toBe(wanted === 1);
  });

  test('a probe that fails unnamed ends the run with 1, at its device', async () => {
    const device = 'devices: [ { id: nic, model: rdma-nic, bdf: "0000:04:00.0", parent: gone } ]';
    folder.write('probe.lab.yaml', SMALL_LAB.replace('program:', `${device}\nprogram:`));
    const { code, err } = await folder.run('run', 'probe.lab.yaml', '--junit', 'probe.xml');
    expect(code).toBe(1);
    const line = SMALL_LAB.split('\n').indexOf('program:') + 1;
    expect(err[0]).toMatch(
      new RegExp(`^probe\\.lab\\.yaml:${line}:12: probe of nic: expected no error, got -ENODEV`),
    );
    expect(read('probe.xml')).toContain('name="probe of nic"');

    folder.write(
      'named.lab.yaml',
      read('probe.lab.yaml').replace('\nexpect:', '\nexpect:\n  - error: { errno: ENODEV }'),
    );
    expect((await folder.run('run', 'named.lab.yaml')).code).toBe(0);
  });

  test('a broken invariant ends the run with 1, wherever it is told', async () => {
    const lab = readFileSync(join(ROOT, 'labs/unbind-against-pin-4.14.lab.yaml'), 'utf8');
    folder.write('expected.lab.yaml', lab);
    folder.write('broken.lab.yaml', lab.slice(0, lab.indexOf('expect:\n  - invariant')));
    const expected = await folder.run('run', 'expected.lab.yaml', '--json');
    expect(expected.code).toBe(0);
    const { invariants } = JSON.parse(expected.out);
    expect(invariants).toEqual([
      expect.objectContaining({ invariant: 'freed-memmap-referenced', actor: 'root' }),
    ]);
    const { code, err } = await folder.run('run', 'broken.lab.yaml', '--junit', 'broken.xml');
    expect(code).toBe(1);
    const step = invariants[0].step;
    expect(err[0]).toContain(
      `broken.lab.yaml: step ${step}, __kfree_section_memmap of root, breaks freed-memmap-referenced`,
    );
    expect(err[1]).toContain(`the run stopped at step ${step}: freed-memmap-referenced`);
    expect(read('broken.xml')).toContain(`broken at step ${step}: the memmap of pfn 0x100400`);
  });

  test('invariants: report goes on to the end of the program', async () => {
    const lab = readFileSync(join(ROOT, 'labs/unbind-against-pin-4.14.lab.yaml'), 'utf8');
    folder.write('report.lab.yaml', lab.replace('program:', 'invariants: report\nprogram:'));
    const { err } = await folder.run('run', 'report.lab.yaml');
    const told = err.join('\n');
    // The holder's page is gone, so its reference on the queue never comes back.
    expect(told).toMatch(/unpin: expected no error, got -EFAULT/);
    expect(told).toContain('breaks freed-memmap-referenced');
    expect(told).toContain('breaks pagemap-removed-in-use');
    expect(told).toMatch(/the run stopped at step \d+: deadlock: root waits for pmem0/);
  });
});

describe('lab run of several labs', () => {
  test('runs files and all labs of a folder, with a line for each and one exit code', async () => {
    mkdirSync(join(folder.path, 'many', 'deep'), { recursive: true });
    folder.write('many/a.lab.yaml', SMALL_LAB);
    folder.write('many/deep/b.lab.yaml', SMALL_LAB.replace('a small PC', 'the other PC'));
    folder.write('many/notes.txt', 'no lab');
    const good = await folder.run('run', 'many', 'many/a.lab.yaml', '--junit', 'many.xml');
    expect([good.code, good.out]).toEqual([0, '']);
    expect(good.err).toEqual([
      expect.stringMatching(/^a small PC: \d+ steps, state /),
      expect.stringMatching(/^the other PC: \d+ steps, state /),
      expect.stringMatching(/^a small PC: \d+ steps, state /),
      '3 of 3 labs hold',
    ]);
    const junit = readFileSync(join(folder.path, 'many.xml'), 'utf8');
    expect(junit.match(/<testsuite name="[^"]*"/g)).toHaveLength(3);
  });

  test('goes on after one that does not hold or cannot be used, and ends with the worst', async () => {
    folder.write('bad.lab.yaml', 'pfnlab: 2\n');
    const labs = ['wrong.lab.yaml', 'small.lab.yaml'];
    const wrong = await folder.run('run', ...labs);
    expect([wrong.code, wrong.err.at(-1)]).toEqual([1, '1 of 2 labs hold']);
    const bad = await folder.run('run', 'bad.lab.yaml', 'gone.lab.yaml', ...labs);
    expect([bad.code, bad.err.at(-1)]).toEqual([2, '1 of 4 labs hold']);
    expect(bad.err).toContain('gone.lab.yaml: there is no such file');
  });

  test('prints a state or a trace of one lab only', async () => {
    const { code, err } = await folder.run('run', 'small.lab.yaml', 'small.lab.yaml', '--json');
    expect([code, err]).toEqual([2, ['pfnlab: run: --json is for one lab']]);
    mkdirSync(join(folder.path, 'empty'));
    expect((await folder.run('run', 'empty')).err).toEqual([
      'empty: there is no lab (*.lab.yaml) in it',
    ]);
  });
});
