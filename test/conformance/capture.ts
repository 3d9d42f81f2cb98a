import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where captures of real kernels are, when they are here at all. */
export const SHARED = process.env['PFNLAB_SHARED'] ?? join(ROOT, '..', 'shared');
export const CAPTURES = join(SHARED, 'oracle', 'captures');

/** A run of struct pages; `zone` a number where no zone has it. End exclusive. */
export interface CapturedRun {
  start_pfn: number;
  end_pfn: number;
  nid: number;
  zone: string | number;
  reserved?: number;
}

export interface CapturedZone {
  name: string;
  start_pfn: number;
  spanned: number;
  present: number;
  present_early: number;
  managed: number;
  contiguous: number;
}

export interface CapturedState {
  la57: number;
  vars: Record<string, number | string>;
  nodes: {
    nid: number;
    node_start_pfn: number;
    node_spanned_pages: number;
    node_present_pages: number;
    zones: CapturedZone[];
  }[];
  sections: { nr: number; flags: string; subsection_map: string }[];
  struct_pages?: { runs: CapturedRun[] } | null;
}

export interface Dump {
  memory_blocks: {
    block_size_bytes: string;
    blocks: { n: number; state: string; nodes: number[]; zones: string }[];
  };
  iomem: { depth: number; start: string; end: string; name: string }[];
  kernel_state: CapturedState;
}

/** What one real kernel said of one scripted machine. */
export interface Capture {
  scenario: string;
  kernel: string;
  cmdline: string;
  qemu_args: string[];
  boot_log: string[];
  dumps: Record<string, Dump>;
}

/** Names `scenario/kernel` of the captures that are here, in order. */
export function captureNames(): string[] {
  if (!existsSync(CAPTURES)) return [];
  return readdirSync(CAPTURES)
    .sort()
    .flatMap((scenario) =>
      readdirSync(join(CAPTURES, scenario))
        .sort()
        .filter((kernel) => existsSync(join(CAPTURES, scenario, kernel, 'facts.json')))
        .map((kernel) => `${scenario}/${kernel}`),
    );
}

export function readCapture(name: string): Capture {
  return JSON.parse(readFileSync(join(CAPTURES, name, 'facts.json'), 'utf8')) as Capture;
}

/** Captures whose figures are kept in this repository. */
export const FIXTURES = join(ROOT, 'test', 'fixtures', 'captures', 'boot');

export function fixtureCaptures(): Capture[] {
  return readdirSync(FIXTURES)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8')) as Capture);
}

/** The dump right after the boot. */
export function firstDump(capture: Capture): Dump {
  const [first] = Object.values(capture.dumps);
  if (!first) throw new Error(`${capture.scenario}/${capture.kernel} has no dump`);
  return first;
}

/** Point releases of the kernels that were run. */
const RELEASES: Record<string, string> = {
  '6.1-amd64': '6.1.192',
  '6.12-amd64': '6.12.117',
  '6.18-amd64': '6.18.15',
  '7.2-amd64': '7.2.13',
};

/** The modelled version of a capture's kernel; undefined where its architecture is not modelled. */
export function releaseOf(capture: Capture): string | undefined {
  return RELEASES[capture.kernel];
}
