// A 2 GiB machine with a 1 GiB NVDIMM at 4 GiB, its fsdax namespace mounted on /mnt, run as a lab.
import { join } from 'node:path';
import { runBatch, type BatchRun } from '../../../src/main/bench/batch/run.ts';
import type { World } from '../../../src/main/engine/core/world/world.ts';
import type { Step } from '../../../src/shared/world/step.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface DaxOptions {
  readonly version?: string;
  /** First lines of the program, after `boot`; by default a namespace with its memmap in RAM, ext4. */
  readonly setup?: readonly string[];
  readonly config?: string;
  readonly switches?: string;
  readonly model?: 'nvdimm' | 'e820-pmem';
}

/**
 * With `map: mem` the data begins 2 MiB into the namespace, at PFN 0x100200; ext4 keeps the first 512
 * pages for itself, so the first file's blocks begin at PFN 0x100400.
 */
export const FIRST_BLOCK = 0x100400;

export const FSDAX = [
  'nvdimm0.create-namespace: { mode: fsdax, map: mem }',
  'nvdimm0.ns0.mount: { fs: ext4, options: dax, at: /mnt }',
];

/** What a run of a lab left, and the steps it took. */
export class DaxLab {
  readonly batch: BatchRun;
  readonly world: World;
  readonly steps: readonly Step[];

  private constructor(batch: BatchRun) {
    this.batch = batch;
    this.world = batch.session.cursor.world;
    const { source, length } = batch.session;
    this.steps = Array.from({ length }, (_, at) => source.step(at + 1));
  }

  static async run(program: readonly string[], options: DaxOptions = {}): Promise<DaxLab> {
    const { version = '6.12', setup = FSDAX, config = '', switches = '' } = options;
    const device =
      options.model === 'e820-pmem'
        ? '{ id: nvdimm0, model: e820-pmem }'
        : '{ id: nvdimm0, model: nvdimm, node: 0, range: { start: 0x100000000, size: 1GiB } }';
    const legacy = '    - { start: 0x100000000, end: 0x13fffffff, type: pmem-legacy }\n';
    const text = `pfnlab: 1
title: dax
kernel: { version: "${version}", arch: x86_64, model: sparsemem-vmemmap, config: { ${config} }, switches: { ${switches} } }
machine:
  cpu: { phys_bits: 46, vendor: Intel, hypervisor: false }
  memory:
    - { start: 0x1000, end: 0x9fbff, type: usable }
    - { start: 0x100000, end: 0x7ffdffff, type: usable }
${options.model === 'e820-pmem' ? legacy : ''}  nodes: [ { id: 0, cpus: 2, distances: [10] } ]
devices:
  - ${device}
program:
  - boot
${[...setup, ...program].map((line) => `  - ${line}\n`).join('')}`;
    const batch = await runBatch('dax.lab.yaml', text, ROOT);
    if (!batch.ok) throw new Error(batch.problems.join('\n'));
    return new DaxLab(batch.value);
  }

  /** What the lab expected and did not get, and errors nobody expected. */
  get failures(): string[] {
    const { execution, verdicts } = this.batch;
    const operations = execution.operations();
    const errors = execution.run.tasks.flatMap(({ title, entry }, index) => {
      const error = operations[index]?.error;
      return error === undefined || entry?.expect?.errno !== undefined
        ? []
        : [`${title} -${error}`];
    });
    const wrong = verdicts.filter(({ ok }) => !ok);
    return [...errors, ...wrong.map(({ at, want, got }) => `${at}: want ${want}, got ${got}`)];
  }

  /** Steps of a function, calls only. */
  calls(fn: string): Step[] {
    return this.steps.filter((step) => step.fn === fn && step.kind !== 'return');
  }

  /** Remarks on the steps of a function. */
  note(fn: string): string {
    return this.steps
      .filter((step) => step.fn === fn && step.note !== undefined)
      .map(({ note }) => note)
      .join('; ');
  }

  /** The kernel log. */
  get log(): string {
    return [...this.world.rows('kernel_log')].map(({ text }) => text).join('\n');
  }

  page(pfn: number) {
    return this.world.at('pages', pfn);
  }

  /** Page table entries, in order, without their places. */
  ptes() {
    return [...this.world.rows('ptes')].map(({ start, end, level, kind, pfn, flags }) => ({
      pages: end - start,
      level,
      kind,
      pfn,
      flags,
    }));
  }

  /** Value entries of i_pages by page index. */
  entries() {
    return [...this.world.rows('i_pages')].map(({ start, end, pfn, flags }) => ({
      index: start % 2 ** 44,
      pages: end - start,
      pfn,
      flags,
    }));
  }
}
