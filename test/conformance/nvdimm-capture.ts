import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAPTURES, SHARED, type Capture, type CapturedRun, type Dump } from './capture.ts';

/** A pagemap of a dump; altmap figures as the kernel had them. */
export interface CapturedPagemap {
  type: number;
  type_name: string;
  flags: string;
  vmemmap_shift: number;
  nr_range: number;
  ranges: [string, string][];
  altmap?: Record<string, number>;
}

/** A namespace as ndctl lists it; `size` in bytes is what can be used of it. */
export interface ListedNamespace {
  dev: string;
  mode: string;
  map?: string;
  size: number;
  align?: number;
}

/** Pages in a run that says `head` are compound heads. */
export type DevicePageRun = CapturedRun & { refcount?: number; head?: number };

export interface NvdimmDump extends Dump {
  kernel_state: Omit<Dump['kernel_state'], 'struct_pages'> & {
    pgmaps: CapturedPagemap[];
    struct_pages?: { runs: DevicePageRun[] } | null;
  };
  ndctl: { regions?: { namespaces?: ListedNamespace[] }[] }[];
}

export interface CapturedStep {
  step: string;
  rc: number;
  command: string;
  output: string[];
}

/** A capture with the order its steps and dumps came in: `dump LABEL`, `mods`, `run STEP`. */
export interface NvdimmCapture extends Capture {
  dumps: Record<string, NvdimmDump>;
  steps: CapturedStep[];
  order: string[];
}

export const SCENARIOS = [
  'e-nvdimm-raw',
  'f-fsdax-map-mem',
  'g-fsdax-map-dev',
  'h-devdax',
  'j1-memmap-126m',
  'o-unbind-destroy',
];

/** A capture and the order of its steps from where all captures are. */
export function readNvdimmCapture(name: string): NvdimmCapture {
  const text = readFileSync(join(CAPTURES, name, 'facts.json'), 'utf8');
  const capture = JSON.parse(text) as NvdimmCapture;
  const scenario = name.slice(0, name.indexOf('/'));
  const file = join(SHARED, 'oracle', 'scenarios', `${scenario}.json`);
  const { steps } = JSON.parse(readFileSync(file, 'utf8')) as { steps: string[] };
  return { ...capture, order: steps.map((step) => step.split(' ').slice(0, 2).join(' ')) };
}

/** The captures of this machine that are kept in the repository, as figures. */
export function keptNvdimmCaptures(): NvdimmCapture[] {
  const folder = join(import.meta.dirname, '..', 'fixtures', 'captures', 'nvdimm');
  return readdirSync(folder)
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as NvdimmCapture);
}
