import { describe, expect, it } from 'vitest';
import { openDevices } from '../../src/main/engine/kernel/device/devices.ts';
import { deviceTasks, resolveDeviceOp } from '../../src/main/engine/kernel/device/operations.ts';
import { dmaServices } from '../../src/main/engine/kernel/dma/services.ts';
import { serviceTable } from '../../src/main/engine/kernel/device/services.ts';
import { pciServices } from '../../src/main/engine/kernel/p2pdma/services.ts';
import { Driver } from '../../src/main/engine/core/world/driver.ts';
import { failed, type KernelFunction } from '../../src/main/engine/core/world/operation.ts';
import { bareFacts, toyModel } from '../unit/plugins/model-run.ts';

/** What an action with this body comes to on a machine with one root bus. */
async function outcome(body: string): Promise<string> {
  const model = await toyModel(body);
  const device = { id: 'toy0', model: 'toy', config: {} };
  const opened = openDevices(
    [device],
    new Map([['toy', model]]),
    serviceTable([...pciServices, ...dmaServices]),
    1,
  );
  const sink = { step: () => undefined, returned: () => undefined };
  const driver = new Driver(sink, { facts: bareFacts() });
  let result: unknown = 'still running';
  const found = resolveDeviceOp({ target: 'toy0', op: 'go', args: {} }, opened.devices);
  if (!found.ok) return found.message;
  const tasks = [...deviceTasks(opened.devices), found];
  for (const { fn, params } of tasks) {
    const done = (value: unknown): void => void (result = value);
    driver.add({ actor: 'cpu0', fn: fn as KernelFunction<never, unknown>, params, done });
    driver.runToEnd();
  }
  return failed(result) ? `-${result.errno} ${result.check}` : String(result);
}

const BUS = `yield k.pci_register_host_bridge({ bus: '0000:00' });`;
const device = (more: string): string =>
  `${BUS} return yield k.pci_device_add({ pdev: '0000:00:02.0', parent: '0000:00', kind: 'endpoint'${more} });`;

describe('a model that misuses the PCI services gets one sentence, and nothing breaks', () => {
  it.each([
    { body: device(`, kind: 'toaster'`), says: '-EIO pci_device_add: kind takes one of' },
    { body: device(`, bars: [null]`), says: '-EIO pci_device_add: bars[0] takes a record' },
    { body: device(`, bars: [{ bar: 9, start: 0n, size: 4096n }]`), says: '-EIO pci_device_add' },
    { body: device(`, bars: [{ bar: 0, start: 0n, size: -1n }]`), says: '-EIO pci_device_add' },
    {
      body: device(`, bars: [{ bar: 0, start: 2n ** 63n, size: 2n ** 62n }]`),
      says: '-EIO pci_device_add: bars[0]: start and size reach past',
    },
    { body: device(`, bars: [{ bar: 0, start: 0n, size: 12288n }]`), says: '-EINVAL BAR 0' },
    { body: device(`, bars: [{ bar: 0, start: 4096n, size: 8192n }]`), says: '-EINVAL BAR 0' },
    {
      body: `return yield k.pci_register_host_bridge({ bus: '__proto__' });`,
      says: '-EINVAL __proto__ is no bus',
    },
    { body: `${BUS} ${BUS} return 1;`, says: '1' },
    {
      body: `return yield k.pci_device_add({ pdev: '0000:00:02.0', parent: 'toy0', kind: 'endpoint' });`,
      says: '-ENODEV there is no bridge toy0',
    },
    {
      body: `return (yield k.pci_p2pdma_distance_many({ provider: 'x', clients: [1] }));`,
      says: '-EIO pci_p2pdma_distance_many: clients[0] takes a text',
    },
    {
      body: `return 'far: ' + (yield k.pci_p2pdma_distance_many({ provider: 'x', clients: [] })).distance;`,
      says: 'far: -1',
    },
    { body: `return yield k.pci_alloc_p2pmem({ pdev: 'x', size: 2n ** 63n });`, says: 'null' },
    {
      body: `return yield k.pci_free_p2pmem({ pdev: 'x', address: 0n, size: 1n });`,
      says: '-EFAULT gen_pool_free_owner',
    },
    { body: `return yield k.pci_p2pdma_release({ pdev: 'x' });`, says: 'undefined' },
    {
      body: `return yield k.dma_map_sgtable({ phys: 2n ** 63n, size: 2n ** 63n });`,
      says: '-EIO dma_map_sgtable: phys and size reach past',
    },
    { body: `return yield k.dma_map_sgtable({ phys: 0n, size: 0n });`, says: '-EINVAL' },
    {
      body: `return yield k.dma_map_sgtable({ sg: [{}] });`,
      says: '-EIO dma_map_sgtable: sg[0].phys is missing',
    },
    { body: `return yield k.dma_map_sgtable({ sg: [] });`, says: '-EINVAL nents == 0' },
    {
      body: `return yield k.dma_map_sgtable({ phys: 0n, size: 1n, dir: 'UP' });`,
      says: '-EIO dma_map_sgtable: dir takes one of',
    },
    { body: `return yield k.dma_unmap_sg({ mapping: 7 });`, says: '-EINVAL DMA-API' },
    {
      body: `return yield k.pci_p2pmem_free_sgl({ pdev: 'x', sg: [1] });`,
      says: '-EIO pci_p2pmem_free_sgl: sg[0] takes a record',
    },
    {
      body: `return yield k.pcie_transfer({ size: 1n });`,
      says: '-EINVAL neither end is a device',
    },
    {
      body: `return yield k.pcie_transfer({ from: 'toy0', size: 1n });`,
      says: '-ENODEV no such PCI device',
    },
  ])('$body', async ({ body, says }) => {
    expect(await outcome(body)).toContain(says);
  });
});
