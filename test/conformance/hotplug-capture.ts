import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAPTURES, SHARED, type Capture } from './capture.ts';

/** One shell line of a capture: its exit code and what it printed. */
export interface CapturedStep {
  step?: string;
  rc: number;
  output: string[];
}

/**
 * A capture with the order its steps and dumps came in: `dump LABEL`, `run STEP`, `mods`, and
 * `hmp device_add` or `hmp device_del` where QEMU plugged something.
 */
export interface HotplugCapture extends Capture {
  steps: CapturedStep[];
  order: string[];
}

/** Machines whose memory comes and goes. */
export const SCENARIOS = ['l-dimm-hotplug', 'n-offline-blocks', 'i-devdax-kmem'];

/** A capture and the order of its steps from where all captures are. */
export function readHotplugCapture(name: string): HotplugCapture {
  const text = readFileSync(join(CAPTURES, name, 'facts.json'), 'utf8');
  const capture = JSON.parse(text) as HotplugCapture;
  const file = join(SHARED, 'oracle', 'scenarios', `${capture.scenario}.json`);
  const { steps } = JSON.parse(readFileSync(file, 'utf8')) as { steps: string[] };
  return { ...capture, order: steps.map((step) => step.split(' ').slice(0, 2).join(' ')) };
}

/** The captures of such machines that are kept in the repository, as figures. */
export function keptHotplugCaptures(): HotplugCapture[] {
  const folder = join(import.meta.dirname, '..', 'fixtures', 'captures', 'hotplug');
  return readdirSync(folder)
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as HotplugCapture);
}

const TEXTS: Readonly<Record<string, string>> = {
  'Invalid argument': 'EINVAL',
  'Device or resource busy': 'EBUSY',
};

/** What each write of a step came to, in order: `ok` or the errno's name. */
export function writesOf(step: CapturedStep): string[] {
  return step.output.flatMap((line) => {
    const answer = /^write ".*" > \S+: (.*)$/.exec(line)?.[1];
    return answer === undefined ? [] : [TEXTS[answer] ?? answer];
  });
}
