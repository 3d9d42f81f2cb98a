import { resolve } from 'node:path';
import type { StepSource } from '../../../src/main/engine/core/world/timeline.ts';
import { runBatch } from '../../../src/main/bench/batch/run.ts';

const root = resolve(import.meta.dirname, '../../..');

/** First address of the process's memory, and the first PFN of 256 MiB of VRAM with 40 address bits. */
export const VA = 0x7f0000000000;
export const VRAM_PFN = 0xfff0000;

export interface LabText {
  readonly version: string;
  readonly program: readonly string[];
  readonly devices?: readonly string[];
  readonly rest?: readonly string[];
}

/** A lab with 1 GiB of RAM and a GPU. */
export function labText({ version, program, devices, rest = [] }: LabText): string {
  return [
    'pfnlab: 1',
    'title: test',
    `kernel: { version: "${version}", arch: x86_64, model: sparsemem-vmemmap, config: { DEVICE_PRIVATE: y, DEVICE_PUBLIC: y } }`,
    'machine:',
    '  cpu: { phys_bits: 40, hypervisor: true }',
    '  memory:',
    '    - { start: 0x1000, end: 0x9fbff, type: usable }',
    '    - { start: 0x100000, end: 0x3fffffff, type: usable }',
    'devices:',
    ...(devices ?? ['{ id: gpu0, model: gpu }']).map((device) => `  - ${device}`),
    'program:',
    ...['boot', ...program].map((entry) => `  - ${entry}`),
    ...rest,
  ].join('\n');
}

async function run(lab: LabText) {
  const batch = await runBatch('test.lab.yaml', labText(lab), root);
  if (!batch.ok) throw new Error(batch.problems.join('\n'));
  return batch.value;
}

/** Runs it; its steps. */
export async function recordLab(lab: LabText): Promise<StepSource> {
  return (await run(lab)).execution.log;
}

/** Runs it; a sentence for everything that did not hold. */
export async function runLab(lab: LabText): Promise<string[]> {
  const { verdicts, execution } = await run(lab);
  const wrong = verdicts
    .filter(({ ok }) => !ok)
    .map(({ at, want, got }) => `${at}: wanted ${want}, got ${got}`);
  for (const one of execution.faults()) wrong.push(JSON.stringify(one, bigint));
  return wrong;
}

function bigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
}
