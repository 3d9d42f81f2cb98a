import { describe, expect, it } from 'vitest';
import { calc_map_type_and_dist } from '../../../src/main/engine/kernel/p2pdma/map-type.ts';
import { host, nic, nvme, oneSwitch, PciBench, port, type PciOptions } from './pci-bench.ts';

const RR = ', acs_request_redirect: true';
const SKYLAKE_E = 0x2030;

async function between(
  options: Omit<PciOptions, 'devices'> & { devices: string[] },
): Promise<unknown> {
  const bench = await PciBench.create(options);
  const bdf = (device: string): string =>
    [...bench.world.rows('pci_devices')].find((row) => row.device === device)?.id ?? '';
  const peers = { provider: bdf('nvme0'), client: bdf('nic0'), verbose: false };
  return bench.call(calc_map_type_and_dist, peers);
}

/** Two root ports, with a switch below each as asked. */
function twoRootPorts(switches: number): string[] {
  const devices = [host()];
  const ends: string[] = [];
  for (const [n, bus] of ['1', '5'].entries()) {
    devices.push(port('root-port', `rp${n}`, `0000:00:0${n + 1}.0`, 'host0'));
    ends.push(`rp${n}`);
    if (n >= 2 - switches) {
      devices.push(port('switch-upstream', `up${n}`, `0000:0${bus}:00.0`, `rp${n}`));
      devices.push(port('switch-downstream', `dn${n}`, `0000:0${bus}:00.1`, `up${n}`));
      ends[n] = `dn${n}`;
    }
  }
  return [...devices, nvme('0000:08:00.0', ends[0] ?? ''), nic('0000:09:00.0', ends[1] ?? '')];
}

describe('calc_map_type_and_dist: hops up to the first common bridge and down again', () => {
  it('two functions below one bridge are 2 apart, on bus addresses', async () => {
    const rp0 = port('root-port', 'rp0', '0000:00:01.0', 'host0');
    const devices = [host(), rp0, nvme('0000:01:00.0', 'rp0'), nic('0000:01:00.1', 'rp0')];
    expect(await between({ devices })).toEqual({ type: 'BUS_ADDR', dist: 2 });
  });

  it('a function is 0 away from itself', async () => {
    const bench = await PciBench.create({ devices: oneSwitch() });
    const self = { provider: '0000:03:00.0', client: '0000:03:00.0', verbose: false };
    expect(bench.call(calc_map_type_and_dist, self)).toEqual({ type: 'BUS_ADDR', dist: 0 });
  });

  it('two downstream ports of one switch make 4', async () => {
    expect(await between({ devices: oneSwitch() })).toEqual({ type: 'BUS_ADDR', dist: 4 });
  });

  it('one leg behind another switch makes 6', async () => {
    const devices = [
      ...oneSwitch().slice(0, 5),
      port('switch-upstream', 'up1', '0000:03:00.0', 'dn0'),
      port('switch-downstream', 'dn2', '0000:05:00.0', 'up1'),
      nvme('0000:06:00.0', 'dn2'),
      nic('0000:04:00.0', 'dn1'),
    ];
    expect(await between({ devices })).toEqual({ type: 'BUS_ADDR', dist: 6 });
  });

  it('two endpoints on the root bus are 2 apart and need the host bridge', async () => {
    const devices = [host(), nvme('0000:00:02.0', 'host0'), nic('0000:00:03.0', 'host0')];
    expect(await between({ devices })).toEqual({ type: 'NOT_SUPPORTED', dist: 2 });
  });

  it.each([
    { switches: 0, dist: 4 },
    { switches: 1, dist: 6 },
    { switches: 2, dist: 8 },
  ])('two root ports, $switches switches below them: $dist', async ({ switches, dist }) => {
    const devices = twoRootPorts(switches);
    expect(await between({ devices })).toEqual({ type: 'NOT_SUPPORTED', dist });
    const zen = [host(0x1450, ', cpu_family: 0x17'), ...devices.slice(1)];
    expect(await between({ devices: zen, vendor: 'AMD' })).toEqual({
      type: 'THRU_HOST_BRIDGE',
      dist,
    });
  });
});

describe('ACS redirect sends peers to the host bridge', () => {
  it.each([
    { up0: '', dn0: RR, dn1: '' },
    { up0: '', dn0: '', dn1: ', acs_completion_redirect: true' },
    { up0: ', acs_egress_control: true', dn0: '', dn1: '' },
  ])('on $up0$dn0$dn1', async (acs) => {
    const refused = { type: 'NOT_SUPPORTED', dist: 4 };
    expect(await between({ devices: oneSwitch(acs) })).toEqual(refused);
    const listed = oneSwitch(acs, host(SKYLAKE_E));
    expect(await between({ devices: listed })).toEqual({ type: 'THRU_HOST_BRIDGE', dist: 4 });
  });

  it('makes pci_p2pdma_distance_many give -1 and say why', async () => {
    const bench = await PciBench.create({ devices: oneSwitch({ up0: '', dn0: RR, dn1: RR }) });
    expect(bench.do('nic0', 'distance', { provider: 'nvme0' })).toEqual({ distance: -1 });
    expect(bench.printed()).toEqual(
      expect.arrayContaining([
        'rdma-nic 0000:04:00.0: ACS redirect is set between the client and provider (0000:03:00.0)',
        'rdma-nic 0000:04:00.0: to disable ACS redirect for this path, add the kernel parameter: pci=disable_acs_redir=0000:02:00.0;0000:02:01.0',
        'pci 0000:00:00.0: Host bridge not in P2PDMA whitelist: 8086:29c0',
      ]),
    );
  });

  it('set after the type was cached is not seen by a mapping', async () => {
    const bench = await PciBench.create({ devices: oneSwitch() });
    expect(bench.do('nic0', 'distance', { provider: 'nvme0' })).toEqual({ distance: 4 });
    bench.do('dn0', 'set-acs', { acs_request_redirect: true });
    const copied = bench.do('nic0', 'copy', { from: 'nvme0', bytes: 4096 });
    expect(copied).toMatchObject({ type: 'BUS_ADDR' });
    expect(bench.do('nic0', 'distance', { provider: 'nvme0' })).toEqual({ distance: -1 });
    expect(bench.do('nic0', 'copy', { from: 'nvme0', bytes: 4096 })).toMatch(/^-EREMOTEIO/);
  });
});

describe('pci=disable_acs_redir= clears what redirects', () => {
  const RRS = { up0: '', dn0: RR, dn1: RR };
  const far = { type: 'NOT_SUPPORTED', dist: 4 };
  const near = { type: 'BUS_ADDR', dist: 4 };
  it.each([
    // What the warning itself proposes.
    { cmdline: 'pci=disable_acs_redir=0000:02:00.0;0000:02:01.0', got: near },
    { cmdline: 'pci=noaer,disable_acs_redir=02:00.0;2:1.0', got: near },
    { cmdline: 'pci=disable_acs_redir=0000:02:00.0', got: far },
    { cmdline: 'pci=disable_acs_redir=0001:02:00.0;0001:02:01.0', got: far },
    { cmdline: 'pci=disable_acs_redir=pci:ffff:ffff', got: near },
    { cmdline: 'pci=disable_acs_redir=rubbish;0000:02:00.0', got: far },
    { cmdline: 'pci=disable_acs_redir=0000:02:00.0;0000:02:01.0', version: '4.18', got: far },
  ])('$cmdline ($version)', async ({ cmdline, got, version = '6.18' }) => {
    const { type, dist } = (await between({ devices: oneSwitch(RRS), cmdline, version })) as {
      type: string;
      dist: number;
    };
    expect({ type, dist: version === '6.18' ? dist : got.dist }).toEqual(got);
  });
});

describe('the list of host bridges changed between kernels', () => {
  const acs = { up0: '', dn0: RR, dn1: '' };
  it.each([
    { version: '4.20', device_id: SKYLAKE_E, type: 'NOT_SUPPORTED' },
    { version: '5.4', device_id: SKYLAKE_E, type: 'THRU_HOST_BRIDGE' },
    { version: '5.14', device_id: 0x09a2, type: 'NOT_SUPPORTED' },
    { version: '6.12', device_id: 0x09a2, type: 'THRU_HOST_BRIDGE' },
    { version: '6.18', device_id: 0x0b25, type: 'NOT_SUPPORTED' },
    { version: '7.2', device_id: 0x0b25, type: 'THRU_HOST_BRIDGE' },
    // One host bridge for both peers is what 8086:3c00 asks for.
    { version: '6.12', device_id: 0x3c00, type: 'THRU_HOST_BRIDGE' },
  ])('$version asked about 8086:$device_id', async ({ version, device_id, type }) => {
    const devices = oneSwitch(acs, host(device_id));
    expect(await between({ version, devices })).toMatchObject({ type });
  });

  it('8086:3c00 does not pass peers on to another host bridge; 8086:2030 does', async () => {
    for (const [id, type] of [
      [0x3c00, 'NOT_SUPPORTED'],
      [SKYLAKE_E, 'THRU_HOST_BRIDGE'],
    ] as const) {
      const other = `{ id: host1, model: pci-host-bridge, bus: "0000:80", device_id: ${id} }`;
      const ends = [nvme('0000:00:02.0', 'host0'), nic('0000:80:02.0', 'host1')];
      expect(await between({ devices: [host(id), other, ...ends] })).toEqual({ type, dist: 2 });
    }
  });

  it('5.3 allowed Zen root complexes, far away, and only without an IOMMU', async () => {
    const ends = [nvme('0000:00:02.0', 'host0'), nic('0000:00:03.0', 'host0')];
    const zen = (more: string): string => host(0x1450, `, vendor: 0x1022${more}`);
    const options = { version: '5.3', vendor: 'AMD' };
    expect(await between({ ...options, devices: [zen(''), ...ends] })).toEqual({
      type: 'THRU_HOST_BRIDGE',
      dist: 0x1002,
    });
    expect(await between({ ...options, devices: [zen(', iommu: true'), ...ends] })).toEqual({
      type: 'NOT_SUPPORTED',
      dist: -1,
    });
  });

  it('an Intel CPU of family 0x17 is no Zen', async () => {
    const devices = oneSwitch(acs, host(0x29c0, ', cpu_family: 0x17'));
    expect(await between({ devices })).toMatchObject({ type: 'NOT_SUPPORTED' });
    expect(await between({ devices, vendor: 'AMD' })).toMatchObject({ type: 'THRU_HOST_BRIDGE' });
  });
});
