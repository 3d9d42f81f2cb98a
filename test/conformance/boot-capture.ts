import { importFiles } from '../../src/main/formats/import.ts';
import { start_kernel } from '../../src/main/engine/kernel/boot/start-kernel.ts';
import type { Facts } from '../../src/main/engine/core/facts.ts';
import { labFacts } from '../../src/main/engine/lab/machine/lab-facts.ts';
import { Driver } from '../../src/main/engine/core/world/driver.ts';
import { Store } from '../../src/main/engine/core/world/store.ts';
import { StepLog } from '../../src/main/engine/core/world/timeline.ts';
import { World } from '../../src/main/engine/core/world/world.ts';
import type { Lab } from '../../src/shared/lab/schema.ts';
import { firstDump, releaseOf, type Capture } from './capture.ts';

/** A machine after its boot. */
export interface Booted {
  facts: Facts;
  world: World;
  log: StepLog;
}

/** Boots a lab's machine; its program is not run. */
export function bootLab(lab: Lab): Booted {
  const { facts, problems } = labFacts(lab);
  if (!facts) throw new Error(problems.map(({ message }) => message).join('; '));
  const store = new Store();
  const world = new World(store);
  const log = new StepLog(store);
  const driver = new Driver(
    { step: (step) => log.add(step), returned: (event) => log.returned(event) },
    { facts, world },
  );
  driver.add({ actor: 'swapper/0', fn: start_kernel as never, params: {} });
  driver.runToEnd();
  return { facts, world, log };
}

/** Resources that come from the firmware's map or belong to one kernel image. */
const FROM_MAP =
  /^(System RAM|Reserved|ACPI Tables|ACPI Non-volatile Storage|Unusable memory|Persistent Memory( \(legacy\))?|Soft Reserved|RAM buffer|Kernel .*)$/;

export function fromMap(name: string): boolean {
  return FROM_MAP.test(name);
}

/** CPUs that QEMU was told to put on a node; all on node 0 where it was told nothing. */
function cpusOf(capture: Capture, node: number): number {
  const args = capture.qemu_args;
  const all = Number(args[args.indexOf('-smp') + 1] ?? 1) || 1;
  const numa = args.filter((arg) => arg.startsWith('node,'));
  if (numa.length === 0) return node === 0 ? all : 0;
  const mine = numa.find((arg) => arg.includes(`nodeid=${node}`) || numa.length === 1) ?? '';
  const range = /cpus=(\d+)(?:-(\d+))?/.exec(mine);
  if (!range) return numa.some((arg) => arg.includes('cpus=')) ? 0 : node === 0 ? all : 0;
  return Number(range[2] ?? range[1]) - Number(range[1]) + 1;
}

/**
 * The machine of a capture: from its boot log and command line, never from the figures that are
 * compared. Undefined: its architecture is not modelled yet.
 */
export function labOfCapture(capture: Capture): Lab | undefined {
  const version = releaseOf(capture);
  if (version === undefined) return undefined;
  const log = ['Command line: ' + capture.cmdline, ...capture.boot_log].join('\n');
  const { lab, problems } = importFiles([{ name: 'boot.log', text: log }], { kernel: version });
  if (!lab) throw new Error(problems.map(({ message }) => message).join('; '));
  const dump = firstDump(capture);
  return {
    ...lab,
    machine: {
      ...lab.machine,
      // The scripted machines are QEMU's: a guest CPU with 40 address bits.
      nodes: lab.machine.nodes.map((node) => ({ ...node, cpus: cpusOf(capture, node.id) })),
      cpu: { phys_bits: 40, hypervisor: true, la57: dump.kernel_state.la57 === 1 },
      resources: dump.iomem
        .filter(({ name }) => !fromMap(name))
        .map(({ start, end, name }) => ({
          start: BigInt(start),
          end: BigInt(end),
          name,
          image: false,
        })),
    },
  };
}
