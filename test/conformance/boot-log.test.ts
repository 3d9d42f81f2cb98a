import { describe, expect, it } from 'vitest';
import { bootLab, labOfCapture } from './boot-capture.ts';
import { captureNames, readCapture, releaseOf } from './capture.ts';

/** Lines about physical memory that both the kernel and the model print. */
const ABOUT_MEMORY =
  /^( ?BIOS-|user-defined|BIOS-provided|user: |e820: |last_pfn|ACPI: SRAT: Node|NUMA: Node|No NUMA|Zone ranges|  (DMA|DMA32|Normal|Device) |Movable zone|Early memory|  node |Initmem setup|On node )/;

/** Lines of captures' logs that were left out when they were made. */
const LEFT_OUT = /^user: /;

const names = captureNames().filter((name) => releaseOf(readCapture(name)) !== undefined);

describe.skipIf(names.length === 0)('boot: the kernel log, line by line', () => {
  for (const name of names) {
    it(`${name}: lines about memory, in their order`, () => {
      const capture = readCapture(name);
      const lab = labOfCapture(capture);
      if (!lab) throw new Error('not modelled');
      const { world } = bootLab(lab);
      const got = [...world.rows('kernel_log')].map(({ text }) => text.trimEnd());
      const want = capture.boot_log.map((line) => line.trimEnd());
      const about = (line: string) => ABOUT_MEMORY.test(line) && !LEFT_OUT.test(line);
      expect(got.filter(about)).toEqual(want.filter(about));
    });
  }
});
