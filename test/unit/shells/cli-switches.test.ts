import { afterAll, describe, expect, test } from 'vitest';
import { CallerFolder } from './capture-terminal.ts';

const folder = new CallerFolder();
afterAll(() => folder.remove());

const switches = (...argv: string[]) => folder.run('switches', ...argv);

async function json(...argv: string[]) {
  const { code, out } = await switches(...argv, '--json');
  expect(code).toBe(0);
  return JSON.parse(out);
}

describe('lab switches', () => {
  test('lists each switch under its subject, with what it became and when', async () => {
    const { code, out, err } = await switches();
    expect([code, err]).toEqual([0, []]);
    expect(out).toMatch(/\nPCI peer-to-peer DMA\n( {2}.*\n)* {2}p2pdma_host_bridges: /);
    expect(out).toContain(
      '  offline_times_out: Offlining gives up on pages that do not move after 120 seconds, not at a signal only\n' +
        '      4.15 false\n',
    );
    expect(out).toContain('      6.7 (6.6.3, 6.5.13, 6.1.64, 5.15.140, 5.10.202) 0\n');
    expect(out).toContain('      5.16 no (x86_32)\n');
  });

  test('--kernel gives the value of each at that version and architecture', async () => {
    const { out } = await switches('--kernel', '6.1.64');
    expect(out).toMatch(/^6\.1\.64, x86_64\n/);
    expect(out).toContain('  numa_node_min_size: 0\n');
    const { kernel, arch, switches: rows } = await json('--kernel', '5.6', '--arch', 'arm64');
    expect([kernel, arch]).toEqual([{ text: '5.6', modelled: '5.6' }, 'arm64']);
    expect(rows).toContainEqual(
      expect.objectContaining({
        name: 'arch_memory_hotplug',
        subject: 'Memory hotplug as architectures differ in it',
        values: ['no', 'add and remove', 'add'],
        value: 'add',
      }),
    );
  });

  test("tells which version a vendor's kernel is modelled as", async () => {
    const { code, err, out } = await switches('--kernel', '4.18.0-80.11.2.el8_0');
    expect([code, err]).toEqual([
      0,
      ["4.18.0-80.11.2.el8_0 is a vendor's kernel: modelled as 4.18"],
    ]);
    expect(out).toMatch(/^4\.18, x86_64\n/);
  });

  test('--between tells what differs, for whom, and the commits one of the two has', async () => {
    const { out } = await switches('--between', '6.1', '6.1.192');
    expect(out).toContain(
      '  hotplug_moves_max_pfn: assigned -> raised (arm64)\n' +
        '      What added memory does to max_pfn: no, assigned (it may come down) or raised\n' +
        '      6.15 (6.14.2, 6.13.11, 6.12.23, 6.6.87, 6.1.134)  arm64: mm: Correct the update of max_pfn\n',
    );
    expect(out).not.toContain('fsdax_idle_refcount');
    const { a, b, switches: rows } = await json('--between', '6.14', '6.15', '--arch', 'riscv64');
    expect([a.modelled, b.modelled]).toEqual(['6.14', '6.15']);
    expect(rows).toContainEqual(
      expect.objectContaining({
        name: 'fsdax_idle_refcount',
        arch: ['riscv64'],
        from: 1,
        to: 0,
        changes: [
          expect.objectContaining({
            release: '6.15',
            commits: ['fs/dax: properly refcount fs dax pages'],
            confirmed: true,
          }),
        ],
      }),
    );
    expect(rows.map((row: { name: string }) => row.name)).not.toContain('hotplug_moves_max_pfn');
  });

  test('nothing differs between a kernel and itself', async () => {
    expect((await json('--between', '6.1', '6.1')).switches).toEqual([]);
  });

  test.each([
    [['--kernel', '2.6'], '2.6 is older than 4.3, the oldest modelled kernel'],
    [['--kernel', 'new'], '"new" is not a kernel version'],
    [['--between', '6.1', 'x'], '"x" is not a kernel version'],
    [['--arch', 'x86-64'], 'there is no architecture x86-64; did you mean x86_64?'],
    [['--arch', 'vax'], 'there is no architecture vax; they are x86_64, x86_32'],
    [['--kernel', '6.1', '--between', '5.3', '6.1'], 'it takes one of --kernel, --between'],
  ])('refuses %j with exit code 2 and a sentence', async (argv, sentence) => {
    const { code, err, out } = await switches(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err.join('\n')).toContain(`pfnlab: switches: ${sentence}`);
  });
});
