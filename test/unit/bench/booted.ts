import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PluginCatalogue } from '../../../src/main/bench/plugins/catalogue.ts';
import { prepareLab } from '../../../src/main/bench/session/sessions.ts';
import { Session } from '../../../src/main/bench/session/session.ts';
import type { LabExecution } from '../../../src/main/bench/session/execution.ts';

/** A 512 MiB machine with a 1 GiB hole and 1 MiB of ACPI tables at the end of its RAM. */
export const SMALL_LAB = `pfnlab: 1
title: small
kernel: { version: "6.18", arch: x86_64, model: sparsemem-vmemmap }
machine:
  cpu: { phys_bits: 40, hypervisor: true }
  memory:
    - { start: 0x0, end: 0x9fbff, type: usable }
    - { start: 0x9fc00, end: 0x9ffff, type: reserved }
    - { start: 0x100000, end: 0x1ffdefff, type: usable }
    - { start: 0x1ffdf000, end: 0x1fffffff, type: reserved }
program:
  - boot
expect:
  - zone: { node: 0, zone: DMA, start_pfn: 1, spanned: 4095, present: 3998 }
  - zone: { node: 0, zone: DMA32, start_pfn: 4096, spanned: 126943, present: 126943 }
`;

/** No hardware models. */
const none = await PluginCatalogue.open({ root: mkdtempSync(join(tmpdir(), 'pfnlab-bare-')) });

/** Runs a lab without devices to its end. */
export function runLab(
  text = SMALL_LAB,
  name = 'small.lab.yaml',
): { execution: LabExecution; session: Session } {
  const prepared = prepareLab(name, text, none);
  if (!prepared.ok) throw new Error(prepared.problems.map(({ message }) => message).join('\n'));
  const { execution } = prepared;
  while (execution.advance(1000));
  return { execution, session: new Session(execution.run.facts, execution.log) };
}
