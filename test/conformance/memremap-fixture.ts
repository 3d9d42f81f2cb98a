import { readFileSync } from 'node:fs';
import { debianAmd64Config } from '../../src/main/engine/core/arch/config.ts';
import { x86_64 } from '../../src/main/engine/core/arch/x86_64.ts';
import { resolveEra } from '../../src/main/engine/core/era/era.ts';
import { resolveVersion } from '../../src/main/engine/core/era/version.ts';
import type { Facts } from '../../src/main/engine/core/facts.ts';
import { wiring } from '../../src/main/engine/kernel/wiring.ts';

export interface MachineFixture {
  readonly phys_bits: number;
  readonly e820: readonly string[];
  readonly acpi: readonly string[];
  readonly acpi_tables: readonly string[];
  readonly iomem: readonly (readonly [number, string, string, string])[];
}

/** A call of the capture's module: `add id type start size nid [reserve free [shift]]`, `del id`. */
export interface CallEvent {
  readonly step: string;
  readonly command: string;
  readonly errno: string | null;
  readonly altmap?: { readonly alloc: number; readonly align: number };
  readonly free_region?: string;
  /** False where the module itself refused: nothing of it concerns the kernel. */
  readonly reached: boolean;
  readonly log: readonly string[];
  readonly nr_memmap_pages?: number;
}

export interface PagemapDump {
  readonly type: number;
  readonly type_name: string;
  readonly ranges: readonly (readonly [string, string])[];
  readonly flags: string;
  readonly shift: number;
  readonly altmap: Readonly<Record<string, number>> | null;
  readonly memmap_at: readonly (readonly [number, string, number])[];
  readonly pages: readonly (readonly [number, string, number, number])[];
}

/** What was in the kernel's memory at a label. Run ends are exclusive PFNs. */
export interface DumpEvent {
  readonly dump: string;
  readonly node: { readonly start_pfn: number; readonly spanned: number };
  readonly device: { readonly start_pfn: number; readonly spanned: number };
  readonly sections: readonly {
    readonly nr: number;
    readonly flags: string;
    readonly subsections: string;
  }[];
  readonly pgmaps: readonly PagemapDump[];
  readonly page_runs: readonly {
    readonly start: number;
    readonly end: number;
    readonly zone?: string | number;
    readonly refcount?: number;
    readonly reserved?: number;
    readonly head?: number;
    readonly unreadable?: number;
  }[];
  readonly vars: Readonly<Record<string, number>>;
}

export interface Fixture {
  readonly kernel: string;
  readonly machine: MachineFixture;
  readonly events: readonly (CallEvent | DumpEvent)[];
}

export function fixture(name: string): Fixture {
  const url = new URL(`../fixtures/captures/memremap/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Fixture;
}

const MEM = /\[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\]/;

function ends(line: string): { start: bigint; end: bigint } {
  const found = MEM.exec(line);
  if (!found) throw new Error(`no range in: ${line}`);
  return { start: BigInt(`0x${found[1]}`), end: BigInt(`0x${found[2]}`) };
}

/** The captured machine: firmware's map, SRAT, ACPI tables, and the buses of /proc/iomem. */
export function factsOf({ kernel, machine }: Fixture): Facts {
  const resolved = resolveVersion(kernel);
  if ('problem' in resolved) throw new Error(resolved.problem);
  const config = debianAmd64Config(resolved.version);
  const fromE820 = ['System RAM', 'Reserved', 'RAM buffer'];
  return {
    arch: x86_64(resolved.version, config, false),
    era: resolveEra(kernel, resolved, 'x86_64'),
    config,
    cmdline: '',
    hypothetical: false,
    wiring,
    machine: {
      cpu: { phys_bits: machine.phys_bits, vendor: 'AMD', hypervisor: true, la57: false },
      memory: machine.e820
        .filter((line) => line.includes('[mem'))
        .map((line) => ({
          ...ends(line),
          type: /usable|System RAM/.test(line) ? 'usable' : 'reserved',
        })),
      firmware_updates: [],
      nodes: [{ id: 0, cpus: 1, distances: [10] }],
      srat: machine.acpi.map((line) => ({
        ...ends(line),
        node: 0,
        hotplug: line.endsWith('hotplug'),
        non_volatile: line.includes('non-volatile'),
      })),
      memory_increment: null,
      cfmws: [],
      hmat: [],
      acpi_tables: machine.acpi_tables.map(ends),
      resources: machine.iomem
        .filter(([, , , name]) => !fromE820.includes(name))
        .map(([, start, end, name]) => ({ start: BigInt(start), end: BigInt(end), name })),
      pci: true,
    },
  };
}
