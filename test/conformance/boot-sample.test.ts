import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkExpectation } from '../../src/main/engine/lab/machine/expect.ts';
import { iomemText } from '../../src/main/engine/lab/inspect/iomem.ts';
import { importFiles } from '../../src/main/formats/import.ts';
import { bootLab } from './boot-capture.ts';
import { SHARED } from './capture.ts';

const folder = join(SHARED, 'samples', 'iomem-dmesg');
const read = (name: string) => ({ name, text: readFileSync(join(folder, name), 'utf8') });

describe.skipIf(!existsSync(join(folder, 'coreos-hyperv-dmesg.txt')))(
  'boot: a real 8 GiB guest, from its boot log alone',
  () => {
    const zonesOf = (files: string[]) => {
      const { lab } = importFiles(files.map(read));
      if (!lab) throw new Error('not imported');
      return { lab, ...bootLab(lab) };
    };

    it('has the zones its own zoneinfo reports', () => {
      const { world } = zonesOf(['coreos-hyperv-dmesg.txt', 'coreos-hyperv-iomem.txt']);
      const zones = [...world.rows('zones')].map((zone) => [
        zone.name,
        zone.zone_start_pfn,
        zone.spanned_pages,
        zone.present_pages,
      ]);
      expect(zones).toEqual([
        ['DMA', 1, 4095, 3999],
        ['DMA32', 4096, 1044480, 1011520],
        ['Normal', 1048576, 1081344, 1081344],
        ['Movable', 0, 0, 0],
        ['Device', 0, 0, 0],
      ]);
    });

    it('says of zones and nodes what the log says', () => {
      const { lab, world, facts, log } = zonesOf([
        'coreos-hyperv-dmesg.txt',
        'coreos-hyperv-zoneinfo.txt',
      ]);
      const checked = { world, facts, source: log, at: log.length, violations: [] };
      const verdicts = lab.expect.flatMap((entry) => checkExpectation(checked, entry));
      expect(verdicts.length).toBeGreaterThan(10);
      expect(verdicts.filter(({ ok }) => !ok)).toEqual([]);
    });

    it('prints the resource tree the guest printed, less the kernel image', () => {
      const { world } = zonesOf(['coreos-hyperv-dmesg.txt', 'coreos-hyperv-iomem.txt']);
      const want = read('coreos-hyperv-iomem.txt')
        .text.split('\n')
        .filter((line) => line !== '' && !line.includes(' : Kernel '));
      expect(iomemText(world).trimEnd().split('\n')).toEqual(want);
    });
  },
);
