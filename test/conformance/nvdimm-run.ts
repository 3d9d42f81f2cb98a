import { start_kernel } from '../../src/main/engine/kernel/boot/start-kernel.ts';
import { daxServices } from '../../src/main/engine/kernel/dax/services.ts';
import { openDevices, type Device } from '../../src/main/engine/kernel/device/devices.ts';
import { deviceTasks, resolveDeviceOp } from '../../src/main/engine/kernel/device/operations.ts';
import { serviceTable } from '../../src/main/engine/kernel/device/services.ts';
import type { Facts } from '../../src/main/engine/core/facts.ts';
import { labFacts } from '../../src/main/engine/lab/machine/lab-facts.ts';
import { services } from '../../src/main/engine/kernel/memremap/services.ts';
import { Driver } from '../../src/main/engine/core/world/driver.ts';
import { failed, type KernelFunction } from '../../src/main/engine/core/world/operation.ts';
import type { World } from '../../src/main/engine/core/world/world.ts';
import type { HardwareModel } from '../../src/main/engine/kernel/device/model.ts';
import { labOfCapture } from './boot-capture.ts';
import type { NvdimmCapture } from './nvdimm-capture.ts';
import type { ProgramOp } from './nvdimm-program.ts';

/** The captured machine: NVDIMMs where its SRAT has non-volatile memory, and memmap=nn!ss. */
export class CapturedMachine {
  readonly facts: Facts;
  readonly world: World;
  private readonly driver: Driver;
  private readonly devices: ReadonlyMap<string, Device>;

  constructor(capture: NvdimmCapture, models: ReadonlyMap<string, HardwareModel>) {
    const lab = labOfCapture(capture);
    if (!lab) throw new Error(`${capture.kernel} is not modelled`);
    const { facts, problems } = labFacts(lab);
    if (!facts) throw new Error(problems[0]?.message);
    this.facts = facts;
    this.driver = new Driver({ step: () => undefined, returned: () => undefined }, { facts });
    this.world = this.driver.world;
    const dimms = lab.machine.srat.filter((range) => range.non_volatile);
    const legacy = capture.cmdline.match(/\bmemmap=[^ !]+![^ ]+/g) ?? [];
    const opened = openDevices(
      [
        ...dimms.map(({ start, end, node }, at) => ({
          id: `nvdimm${at}`,
          model: 'nvdimm',
          node,
          range: { start, size: end - start + 1n },
          config: { label_size: '256KiB' },
        })),
        ...legacy.map((_, at) => ({ id: `pmem${at}`, model: 'e820-pmem', config: {} })),
      ],
      models,
      serviceTable([...services, ...daxServices]),
      lab.seed,
    );
    if (opened.problems.length > 0) throw new Error(opened.problems[0]?.message);
    this.devices = opened.devices;
  }

  /** Runs one function to its end; what it returned. */
  run(fn: unknown, params: unknown): unknown {
    let outcome: unknown;
    this.driver.add({
      actor: 'admin',
      fn: fn as KernelFunction<never, unknown>,
      params,
      done: (result) => (outcome = result),
    });
    this.driver.runToEnd();
    return outcome;
  }

  boot(): void {
    this.run(start_kernel, {});
  }

  /** The modules of libnvdimm are loaded: the devices are found. */
  discover(): void {
    for (const { fn, params } of deviceTasks(this.devices)) this.run(fn, params);
  }

  /** Does an operation; the errno it came to, if any. */
  do({ target, op, args = {} }: ProgramOp): string | undefined {
    const found = resolveDeviceOp({ target, op, args }, this.devices);
    if (!found.ok) throw new Error(found.message);
    const outcome = this.run(found.fn, found.params);
    return failed(outcome) ? outcome.errno : undefined;
  }
}
