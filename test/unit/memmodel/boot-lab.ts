import { start_kernel } from '../../../src/main/engine/kernel/boot/start-kernel.ts';
import type { Facts, Kernel } from '../../../src/main/engine/core/facts.ts';
import { labFacts } from '../../../src/main/engine/lab/machine/lab-facts.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import { StepLog } from '../../../src/main/engine/core/world/timeline.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import { parseLab } from '../../../src/shared/lab/parse.ts';
import type { Lab } from '../../../src/shared/lab/schema.ts';

/** A kernel and the RAM of its machine, in the lab file's own words. */
export interface Machine {
  version: string;
  arch?: string;
  model?: string;
  cmdline?: string;
  config?: Record<string, string | number>;
  hypothetical?: boolean;
  cpu?: Record<string, unknown>;
  /** machine.memory_increment. */
  increment?: string;
  /** Inclusive byte ranges of RAM. */
  ram: readonly (readonly [bigint, bigint])[];
  /** Node of each range of RAM; one node for all where it is left out. */
  nodes?: readonly number[];
}

export interface Booted {
  facts: Facts;
  world: World;
  log: StepLog;
  /** For functions that take a kernel. */
  k: Kernel;
}

/** What the lab parser and the engine have against a machine; empty: nothing. */
export function problemsOf(machine: Machine): { path: string; message: string }[] {
  return (labFacts(parsed(machine)).problems ?? []).map(({ path, message }) => ({
    path: path.join('.'),
    message,
  }));
}

/** The lab's facts without a boot. */
export function factsOf(machine: Machine): Facts {
  return factsOfLab(parsed(machine));
}

function parsed(machine: Machine): Lab {
  const { lab, problems } = parseLab(text(machine), 'machine.lab.yaml');
  if (!lab) throw new Error(JSON.stringify(problems));
  return lab;
}

function factsOfLab(lab: Lab): Facts {
  const { facts, problems } = labFacts(lab);
  if (!facts) throw new Error(problems.map(({ message }) => message).join('\n'));
  return facts;
}

/** Boots the machine to the end. */
export function boot(machine: Machine): Booted {
  return bootParsed(parsed(machine));
}

/** Boots the machine of a lab file to the end. */
export function bootParsed(lab: Lab): Booted {
  const facts = factsOfLab(lab);
  const world = new World();
  const log = new StepLog(world.store);
  const driver = new Driver(
    { step: (step) => log.add(step), returned: (event) => log.returned(event) },
    { facts, world },
  );
  driver.add({ actor: 'swapper/0', fn: start_kernel as never, params: {} });
  if (driver.runToEnd(50_000)) throw new Error('the boot does not end');
  return { facts, world, log, k: { facts, world } as Kernel };
}

/** A zone by node and name: first PFN, span, present pages. */
export function zoneOf({ world }: Booted, nid: number, name: string): number[] | undefined {
  const row = [...world.rows('zones')].find((z) => z.nid === nid && z.name === name);
  return row && [row.zone_start_pfn, row.spanned_pages, row.present_pages];
}

function text(machine: Machine): string {
  const { version, arch = 'x86_64', model = 'sparsemem-vmemmap', ram, nodes } = machine;
  const ids = [...new Set(nodes ?? [0])].sort((a, b) => a - b);
  const lab = {
    pfnlab: 1,
    title: 'machine',
    kernel: {
      version,
      arch,
      model,
      cmdline: machine.cmdline ?? '',
      config: machine.config ?? {},
      hypothetical: machine.hypothetical ?? false,
    },
    machine: {
      ...(machine.cpu ? { cpu: machine.cpu } : {}),
      ...(machine.increment === undefined ? {} : { memory_increment: machine.increment }),
      memory: ram.map(([start, end]) => ({ start: hex(start), end: hex(end), type: 'usable' })),
      nodes: ids.map((id) => ({ id, cpus: 1, distances: ids.map((to) => (to === id ? 10 : 20)) })),
      ...(nodes
        ? {
            srat: ram.map(([start, end], at) => ({
              start: hex(start),
              end: hex(end),
              node: nodes[at] ?? 0,
            })),
          }
        : {}),
    },
    program: ['boot'],
  };
  // YAML reads JSON; addresses are plain hex there.
  return JSON.stringify(lab).replaceAll(/"(0x[0-9a-f]+)"/g, '$1');
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
