/**
 * A process's memory goes to a GPU and comes back by CPU faults, driven by the shipped model in its
 * sandbox: 1,000,000 pages as folios of 2 MiB, and 40,000 pages one fault at a time. Steps a second
 * with the journal on and off.
 */
import { join, resolve } from 'node:path';
import { parseLab } from '../../src/shared/lab/parse.ts';
import { deviceCallbacks } from '../../src/main/engine/kernel/device/callback.ts';
import { closeDevices } from '../../src/main/engine/kernel/device/devices.ts';
import { labFacts } from '../../src/main/engine/lab/machine/lab-facts.ts';
import { prepareRun } from '../../src/main/engine/lab/machine/run.ts';
import { MM_SPAN } from '../../src/main/engine/kernel/mm/position.ts';
import { userAccess } from '../../src/main/engine/kernel/mm/user-access.ts';
import { Driver } from '../../src/main/engine/core/world/driver.ts';
import { failed, operation } from '../../src/main/engine/core/world/operation.ts';
import type { HardwareModel } from '../../src/main/engine/kernel/device/model.ts';
import { exportsOf, nativeModel } from './native-model.ts';
import { pluginSet } from '../../src/main/bench/session/plugin-set.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const VA = 0x7f0000000000;
const FOLIO = 512;
const FOLIO_PAGES = 1953 * FOLIO;
const SINGLE_PAGES = 40_000;

function labOf(pages: number, huge: boolean): string {
  const size = `${pages * 4}KiB`;
  return `
pfnlab: 1
title: bench
kernel: { version: "7.2", arch: x86_64, model: sparsemem-vmemmap }
machine:
  cpu: { phys_bits: 42, hypervisor: true }
  memory:
    - { start: 0x1000, end: 0x9fbff, type: usable }
    - { start: 0x100000, end: 0x3ffffffff, type: usable }
devices:
  - { id: gpu0, model: gpu, vram: 8GiB }
program:
  - boot
  - { actor: app, do: mmap, at: ${VA}, size: ${size} }
${huge ? `  - { actor: app, do: madvise, va: ${VA}, size: ${size}, advice: hugepage }` : ''}
  - { actor: app, do: write, va: ${VA}, size: ${size}, word: 1 }
  - { actor: app, do: gpu0.migrate-to-device, va: ${VA}, size: ${size} }
`;
}

/** The CPU reads page after page (or folio after folio): each a fault that brings it back. */
const faultBack = (pages: number, step: number) =>
  operation<object, number>('read', 'bench', function* (k) {
    const mm = k.world.need('mms', 'app');
    const first = mm.nr * MM_SPAN + VA / 4096;
    for (let at = first; at < first + pages; at += step) {
      yield* userAccess(k, mm.id, { start: at, end: at + 1 }, undefined);
    }
    return 0;
  });

const plugins = await pluginSet(ROOT);
const gpu = plugins.models.get('gpu');
if (!gpu) throw new Error('there is no model gpu');
const models = await exportsOf(join(ROOT, 'plugins', 'gpu', 'index.js'), ROOT);
/** The shipped model as its sandbox runs it, and as V8 does. */
const SANDBOXED: Models = plugins.models;
const NATIVE: Models = new Map([['gpu', nativeModel(gpu, models)]]);

type Models = ReadonlyMap<string, HardwareModel>;

interface Measured {
  readonly steps: number;
  readonly seconds: number;
  readonly back: number;
}

function measure(pages: number, step: number, journal: boolean, models = SANDBOXED): Measured {
  const { lab } = parseLab(labOf(pages, step > 1), 'bench.lab.yaml');
  if (!lab) throw new Error('the lab of the benchmark does not parse');
  const { facts } = labFacts(lab);
  if (!facts) throw new Error('the machine of the benchmark cannot be modelled');
  const { run } = prepareRun(lab, facts, models);
  if (!run) throw new Error('the lab of the benchmark does not run');
  const driver = new Driver(
    { step: () => undefined, returned: () => undefined },
    { facts: run.facts, seed: 1, callback: deviceCallbacks(run.devices), journal },
  );
  let moved = 0;
  for (const { actor, fn, params, title } of run.tasks) {
    const done = (result: unknown) => {
      if (failed(result)) throw new Error(`${title}: -${result.errno} ${result.check}`);
      if (title === 'migrate-to-device') moved = (result as { moved: number }).moved;
    };
    driver.add({ actor, fn, params, done });
  }
  driver.runToEnd();
  if (moved !== pages) throw new Error(`${moved} of ${pages} pages went to the device`);
  const before = driver.steps;
  const from = performance.now();
  driver.add({ actor: 'app', fn: faultBack(pages, step) as never, params: {} });
  driver.runToEnd();
  const seconds = (performance.now() - from) / 1000;
  const used = driver.world.get('registers', 'gpu0/used')?.value ?? 0;
  closeDevices(run.devices);
  return { steps: driver.steps - before, seconds, back: pages - Number(used) };
}

const count = (value: number) => Math.round(value).toLocaleString('en');
for (const [what, pages, step] of [
  ['folios of 2 MiB', FOLIO_PAGES, FOLIO],
  ['single pages', SINGLE_PAGES, 1],
] as const) {
  measure(step === 1 ? 2000 : 40 * FOLIO, step, true);
  const on = measure(pages, step, true);
  const off = measure(pages, step, false);
  process.stdout.write(
    `${what}: ${count(on.back)} pages faulted back in ${count(on.steps)} steps, ` +
      `journal on ${count(on.steps / on.seconds)} steps/s, off ${count(off.steps / off.seconds)}, ` +
      `ratio ${(on.seconds / off.seconds).toFixed(2)} (reach 1,000,000 and 2.00); ` +
      `${count(on.back / on.seconds)} pages/s\n`,
  );
}

/** Taken by turns, so that what else the machine does falls on both. */
const ROUNDS = 7;
const ratios: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const native = measure(4000, 1, true, NATIVE).seconds;
  ratios.push(measure(4000, 1, true).seconds / native);
}
const median = ratios.sort((a, b) => a - b)[(ROUNDS - 1) / 2] ?? NaN;
process.stdout.write(
  `single pages back, in the sandbox against V8: ${median.toFixed(2)} (reach 1.60)\n`,
);
