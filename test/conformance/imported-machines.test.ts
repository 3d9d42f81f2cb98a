/**
 * Real machines, imported from their boot logs and booted: everything their kernels said of zones
 * and nodes must come out, and nothing of it was told in advance.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { start_kernel } from '../../src/main/engine/kernel/boot/start-kernel.ts';
import { checkExpectation } from '../../src/main/engine/lab/machine/expect.ts';
import { labFacts } from '../../src/main/engine/lab/machine/lab-facts.ts';
import { Driver } from '../../src/main/engine/core/world/driver.ts';
import { StepLog } from '../../src/main/engine/core/world/timeline.ts';
import { World } from '../../src/main/engine/core/world/world.ts';
import { importFiles } from '../../src/main/formats/import.ts';
import { parseLab } from '../../src/shared/lab/parse.ts';

interface Input {
  name: string;
  text: string;
}

/** Boots what was imported; says for each figure the kernel stated whether it came out. */
function bootImported(files: Input[]) {
  const { yaml = '' } = importFiles(files);
  const { lab } = parseLab(yaml, 'imported.lab.yaml');
  if (!lab) throw new Error('the import is no lab');
  const { facts, problems } = labFacts(lab);
  if (!facts) throw new Error(problems.map(({ message }) => message).join('; '));
  const world = new World();
  const log = new StepLog(world.store);
  const driver = new Driver(
    { step: (step) => log.add(step), returned: (event) => log.returned(event) },
    { facts, world },
  );
  driver.add({ actor: 'swapper/0', fn: start_kernel as never, params: {} });
  expect(driver.runToEnd(20_000)).toBe(false);
  const checked = { facts, world, source: log, at: driver.steps, violations: [] };
  const verdicts = lab.expect.flatMap((entry) => checkExpectation(checked, entry));
  return {
    verdicts,
    wrong: verdicts
      .filter(({ ok }) => !ok)
      .map(({ at, want, got }) => `${at}: want ${want}, got ${got}`),
    zones: [...world.rows('zones')].map((z) => [
      z.name,
      z.zone_start_pfn,
      z.spanned_pages,
      z.present_pages,
    ]),
  };
}

const LOGS = new URL('../fixtures/captures/boot-logs/', import.meta.url);
const machines = new Map<string, Input[]>();
for (const name of readdirSync(LOGS)) {
  const [machine = ''] = name.split(/\.(?:dmesg|iomem|zoneinfo)\.txt$/);
  const files = machines.get(machine) ?? [];
  files.push({ name, text: readFileSync(new URL(name, LOGS), 'utf8') });
  machines.set(machine, files);
}

describe('imported machines boot as their kernels said', () => {
  it.each([...machines.keys()])('%s', (machine) => {
    const { wrong, verdicts } = bootImported(machines.get(machine) ?? []);
    expect(wrong).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(10);
  });
});

const SHARED = process.env['PFNLAB_SHARED'] ?? new URL('../../../shared', import.meta.url).pathname;
const SAMPLES = `${SHARED}/samples/iomem-dmesg`;
const CAPTURES = `${SHARED}/oracle/captures`;

describe.skipIf(!existsSync(SAMPLES))('a Hyper-V guest of somebody else', () => {
  it('has the zones its /proc/zoneinfo shows, from its boot log alone', () => {
    const text = readFileSync(`${SAMPLES}/coreos-hyperv-dmesg.txt`, 'utf8');
    const { wrong, zones } = bootImported([{ name: 'dmesg', text }]);
    expect(wrong).toEqual([]);
    expect(zones).toEqual([
      ['DMA', 1, 4095, 3999],
      ['DMA32', 4096, 1044480, 1011520],
      ['Normal', 1048576, 1081344, 1081344],
      ['Movable', 0, 0, 0],
      ['Device', 0, 0, 0],
    ]);
  });
});

const captures = existsSync(CAPTURES)
  ? readdirSync(CAPTURES).flatMap((name) =>
      readdirSync(`${CAPTURES}/${name}`)
        .filter((kernel) => kernel.endsWith('-amd64'))
        .map((kernel) => `${name}/${kernel}`),
    )
  : [];

describe.skipIf(captures.length === 0)('captures of real kernels', () => {
  it.each(captures.length > 0 ? captures : ['none'])('%s boots as its log says', (name) => {
    const facts = JSON.parse(readFileSync(`${CAPTURES}/${name}/facts.json`, 'utf8')) as {
      boot_log: string[];
      cmdline: string;
    };
    const release = (name.split('/')[1] ?? '').replace('-amd64', '');
    const exact: Record<string, string> = {
      '6.1': '6.1.192',
      '6.12': '6.12.117',
      '6.18': '6.18.15',
      '7.2': '7.2.13',
    };
    const text = [
      `Linux version ${exact[release]} (x86_64)`,
      `Command line: ${facts.cmdline}`,
      ...facts.boot_log,
      '',
    ].join('\n');
    expect(bootImported([{ name: 'dmesg', text }]).wrong).toEqual([]);
  });
});
