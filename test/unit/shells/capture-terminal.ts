import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCommand } from '../../../src/main/shells/cli/dispatch.ts';
import { outputTo } from '../../../src/main/shells/output.ts';

export const ROOT = resolve(import.meta.dirname, '..', '..', '..');

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string[];
}

/** A caller's folder of its own with a command line in it. */
export class CallerFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'pfnlab-cli-'));
  /** Who answers questions; nobody unless a test says so. */
  ask: ((question: string) => Promise<boolean>) | undefined;

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.path, name), content);
    return name;
  }

  async run(...argv: string[]): Promise<Ran> {
    let out = '';
    const err: string[] = [];
    const output = outputTo({
      stdout: { write: (text) => (out += text) },
      stderr: { write: (line) => err.push(line.replace(/\n$/, '')) },
    });
    const code = await runCommand(argv, {
      folder: this.path,
      root: ROOT,
      data: join(this.path, 'data'),
      ask: this.ask,
      ...output,
    });
    return { code, out, err };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * A PC with 512 MiB in one node. Its figures by hand: usable pages are 0x1-0x9e and
 * 0x100-0x1ffdf, so max_pfn is 0x1ffe0 and DMA (pages 1-4095) has 158 + 3840 present.
 */
export const SMALL_LAB = `pfnlab: 1
title: a small PC
kernel: { version: "6.12", arch: x86_64, model: sparsemem-vmemmap }
machine:
  cpu: { phys_bits: 40, vendor: AMD, hypervisor: true }
  memory:
    - { start: 0x0, end: 0x9fbff, type: usable }
    - { start: 0x9fc00, end: 0x9ffff, type: reserved }
    - { start: 0xf0000, end: 0xfffff, type: reserved }
    - { start: 0x100000, end: 0x1ffdffff, type: usable }
    - { start: 0x1ffe0000, end: 0x1fffffff, type: reserved }
  nodes:
    - { id: 0, cpus: 2, distances: [10] }
program:
  - boot
expect:
  - zone: { node: 0, zone: DMA, start_pfn: 1, spanned: 4095, present: 3998 }
  - var: { max_pfn: 131040 }
`;

/** The same lab with one expectation that does not hold, on its last line. */
export const WRONG_LAB = SMALL_LAB.replace('max_pfn: 131040', 'max_pfn: 131041');
