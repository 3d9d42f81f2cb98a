import { beforeAll, describe, expect, it } from 'vitest';
import { pci_disable_acs_redir } from '../../../src/main/engine/kernel/p2pdma/acs-redir.ts';
import { pci_p2pmem_find_many } from '../../../src/main/engine/kernel/p2pdma/distance.ts';
import {
  percpu_ref_put,
  percpu_ref_tryget_live,
} from '../../../src/main/engine/kernel/p2pdma/gen-pool.ts';
import {
  pci_bridge_has_acs_redir,
  pci_p2pdma_map_type,
} from '../../../src/main/engine/kernel/p2pdma/map-type.ts';
import {
  pci_p2pdma_add_resource,
  pci_p2pmem_publish,
} from '../../../src/main/engine/kernel/p2pdma/provider.ts';
import { pci_write_acs_ctrl } from '../../../src/main/engine/kernel/p2pdma/topology.ts';
import { percpu_ref_kill } from '../../../src/main/engine/kernel/pgmap/pgmap-ref.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import { benchOf, smallFacts } from '../pgmap/small-machine.ts';
import { oneSwitch, PciBench } from './pci-bench.ts';

const DRIVE = '0000:03:00.0';
const NIC = '0000:04:00.0';
const PORT = '0000:02:00.0';

const machine = (): Promise<PciBench> => PciBench.create({ devices: oneSwitch() });
/** For what leaves it as it was. */
let shared: PciBench;
beforeAll(async () => {
  shared = await machine();
});

const lastOf = ({ log }: PciBench, name: string) =>
  Array.from({ length: log.length }, (_, at) => log.step(at + 1)).findLast(({ fn }) => fn === name);

describe('ACS control of a port', () => {
  // include/uapi/linux/pci_regs.h: RR 0x04, CR 0x08 and EC 0x20 of the control register redirect.
  it.each([
    { acs: 0x00, redirects: false },
    { acs: 0x01 | 0x02 | 0x10 | 0x40, redirects: false },
    { acs: 0x04, redirects: true },
    { acs: 0x08, redirects: true },
    { acs: 0x20, redirects: true },
  ])('pci_bridge_has_acs_redir of $acs: $redirects', ({ acs, redirects }) => {
    const bench = shared;
    bench.call(pci_write_acs_ctrl, { pdev: PORT, ctrl: acs });
    expect(bench.call(pci_bridge_has_acs_redir, { pdev: PORT })).toBe(redirects);
  });

  it('pci_write_config_word keeps the seven bits of the register, of a device that is there', () => {
    const bench = shared;
    expect(bench.call(pci_write_acs_ctrl, { pdev: PORT, ctrl: 0xffff })).toBeUndefined();
    expect(bench.world.get('pci_devices', PORT)?.acs).toBe(0x7f);
    expect(lastOf(bench, 'pci_write_config_word')?.args).toEqual({ pdev: PORT, ctrl: 0xffff });
    bench.call(pci_write_acs_ctrl, { pdev: PORT, ctrl: 0 });
    const nobody = bench.call(pci_write_acs_ctrl, { pdev: '0000:09:00.0', ctrl: 0 });
    expect(nobody).toBe('-ENODEV there is no 0000:09:00.0');
  });

  // 0x7f & ~(0x04 | 0x08 | 0x20) is 0x53.
  it.each([
    { given: '02:00.0', ctrl: 0x53 },
    { given: '0000:02:01.0', ctrl: 0x7f },
    { given: '1:2.3;pci:104c:8232', ctrl: 0x53 },
    { given: 'pci:ffff:8233', ctrl: 0x7f },
    { given: '1:2.3;nonsense', ctrl: 0x7f },
  ])('pci_disable_acs_redir with $given leaves $ctrl of 0x7f', ({ given, ctrl }) => {
    const world = new World();
    const facts = { ...smallFacts('6.1'), cmdline: `pci=disable_acs_redir=${given}` };
    const bench = benchOf(world, facts);
    const dev = { pdev: PORT, vendor: 0x104c, device_id: 0x8232, ctrl: 0x7f };
    expect(bench.call(pci_disable_acs_redir, dev)).toBe(ctrl);
    const said = [...world.rows('kernel_log')].map(({ text }) => text);
    const wrong = "PCI: Can't parse disable_acs_redir parameter: 1:2.3;nonsense";
    if (given.endsWith('nonsense')) expect(said).toEqual([wrong]);
    else expect(said).toEqual(ctrl === 0x53 ? [`pci ${PORT}: disabled ACS redirect`] : []);
  });
});

describe('a provider of peer memory', () => {
  it('pci_p2pdma_setup makes an empty pool, which gen_pool_add_owner gives its chunk', async () => {
    const bench = await machine();
    bench.do('nvme0', 'unbind');
    const from = bench.log.length;
    bench.call(pci_p2pdma_add_resource, { pdev: DRIVE, bar: 2, size: 2n << 20n, offset: 0n });
    const mine = Array.from({ length: bench.log.length - from }, (_, at) =>
      bench.log.step(from + at + 1),
    );
    const diffOf = (name: string) =>
      mine.find(({ fn }) => fn === name)?.diff.find(({ table }) => table === 'p2pdma');
    expect(diffOf('pci_p2pdma_setup')).toMatchObject({
      from: undefined,
      to: { provider: DRIVE, published: false, chunks: [], allocated: [], map_types: {} },
    });
    expect(diffOf('gen_pool_add_owner')).toMatchObject({
      from: { chunks: [] },
      to: { chunks: [{ start: 0xf4000000n, size: 0x200000n, bus: 0xf4000000n }] },
    });
  });

  it('pci_p2pmem_publish decides whether pci_p2pmem_find_many finds it', () => {
    const bench = shared;
    const find = (...clients: string[]): unknown => bench.call(pci_p2pmem_find_many, { clients });
    expect(bench.call(pci_p2pmem_publish, { pdev: DRIVE, publish: true })).toBeUndefined();
    expect(find('nic0')).toBe(DRIVE);
    bench.call(pci_p2pmem_publish, { pdev: DRIVE, publish: false });
    expect(bench.world.need('p2pdma', DRIVE).published).toBe(false);
    expect(find('nic0')).toBeNull();
    bench.call(pci_p2pmem_publish, { pdev: DRIVE, publish: true });
  });

  it('pci_p2pmem_find_many finds none for no client, or for one that is no PCI device', () => {
    const bench = shared;
    const find = (...clients: string[]): unknown => bench.call(pci_p2pmem_find_many, { clients });
    // pci_p2pdma_distance_many: if (num_clients == 0) return -1; if (!dev_is_pci(clients[i])) -1.
    expect([find(), find('nic0', 'loop0'), find(NIC)]).toEqual([null, null, DRIVE]);
  });

  it('pci_p2pdma_map_type is worked out once, and UNSUPPORTED for no peer memory or no PCI device', () => {
    const bench = shared;
    const type = (provider: string, dev: string) =>
      bench.call(pci_p2pdma_map_type, { provider, dev });
    expect(type(DRIVE, 'nic0')).toBe('BUS_ADDR');
    expect(bench.world.need('p2pdma', DRIVE).map_types).toEqual({ [NIC]: 'BUS_ADDR' });
    // The cache has no eye on ACS: what was found first stays (xa_load of map_types).
    bench.call(pci_write_acs_ctrl, { pdev: PORT, ctrl: 0x04 });
    expect(type(DRIVE, 'nic0')).toBe('BUS_ADDR');
    expect([type(NIC, 'nvme0'), type(DRIVE, 'loop0')]).toEqual(['NOT_SUPPORTED', 'NOT_SUPPORTED']);
  });

  it('percpu_ref_tryget_live_rcu takes a reference while the pagemap lives, percpu_ref_put gives it back', async () => {
    const bench = await machine();
    const [{ pgmap } = { pgmap: '' }] = bench.world.need('p2pdma', DRIVE).chunks;
    const ref = () => bench.world.get('pgmaps', pgmap)?.ref;
    const before = ref() ?? 0;
    expect(bench.call(percpu_ref_tryget_live, { pgmap })).toBe(true);
    expect(ref()).toBe(before + 1);
    bench.call(percpu_ref_put, { pgmap });
    expect(ref()).toBe(before);
    bench.call(percpu_ref_kill, { pgmap });
    expect(bench.call(percpu_ref_tryget_live, { pgmap })).toBe(false);
    expect(ref()).toBe(before - 1);
  });
});
