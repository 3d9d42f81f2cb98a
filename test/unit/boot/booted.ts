import { start_kernel } from '../../../src/main/engine/kernel/boot/start-kernel.ts';
import type { Facts } from '../../../src/main/engine/core/facts.ts';
import { labFacts } from '../../../src/main/engine/lab/machine/lab-facts.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import { Store } from '../../../src/main/engine/core/world/store.ts';
import { StepLog } from '../../../src/main/engine/core/world/timeline.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import { parseLab } from '../../../src/shared/lab/parse.ts';
import type { Step } from '../../../src/shared/world/step.ts';

/** A machine after its boot. */
export interface Booted {
  facts: Facts;
  world: World;
  log: StepLog;
  steps: Step[];
}

/** Parses a lab written in a test; throws on the first problem. */
export function labOf(text: string) {
  const { lab, problems } = parseLab(`pfnlab: 1\n${text}\nprogram: [boot]\n`, 'test.lab.yaml');
  if (!lab) throw new Error(problems.map(({ message }) => message).join('; '));
  return lab;
}

export function factsOf(text: string): Facts {
  const { facts, problems } = labFacts(labOf(text));
  if (!facts) throw new Error(problems.map(({ message }) => message).join('; '));
  return facts;
}

/** Boots the machine of a lab: `kernel` and `machine` in YAML. */
export function boot(text: string): Booted {
  const facts = factsOf(text);
  const store = new Store();
  const world = new World(store);
  const log = new StepLog(store);
  const driver = new Driver(
    { step: (step) => log.add(step), returned: (event) => log.returned(event) },
    { facts, world },
  );
  driver.add({ actor: 'swapper/0', fn: start_kernel as never, params: {} });
  driver.runToEnd();
  const steps = Array.from({ length: log.length }, (_, at) => log.step(at + 1));
  return { facts, world, log, steps };
}

/** A machine with 1 GiB of RAM, in the usual layout of a PC. */
export const ONE_GIB = `machine:
  memory:
    - { start: 0x0, end: 0x9fbff, type: usable }
    - { start: 0x9fc00, end: 0x9ffff, type: reserved }
    - { start: 0x100000, end: 0x3fffffff, type: usable }
`;

export function kernel(version: string, cmdline = ''): string {
  return `kernel: { version: "${version}", cmdline: "${cmdline}" }\n`;
}

/** The e820 table as text, a line an entry, end inclusive. */
export function e820(world: World): string[] {
  return [...world.rows('e820')].map(
    ({ start, end, type }) => `${start.toString(16)}-${(end - 1n).toString(16)} ${type}`,
  );
}

/** Zones with pages: name, start, spanned, present. */
export function zones(world: World, nid = 0): [string, number, number, number][] {
  return [...world.rows('zones')]
    .filter((zone) => zone.nid === nid && zone.spanned_pages > 0)
    .map((z) => [z.name, z.zone_start_pfn, z.spanned_pages, z.present_pages]);
}
