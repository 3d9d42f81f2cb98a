import { describe, expect, it, type TestContext } from 'vitest';
import { bootLab, labOfCapture } from './boot-capture.ts';
import {
  captureNames,
  firstDump,
  fixtureCaptures,
  readCapture,
  releaseOf,
  type Capture,
} from './capture.ts';
import { compareDump, differences } from './compare.ts';
import './figures-table.ts';

function check(capture: Capture, { task }: TestContext): void {
  const lab = labOfCapture(capture);
  if (!lab) throw new Error(`${capture.kernel} is not modelled`);
  const { world, facts } = bootLab(lab);
  const result = compareDump(world, facts, firstDump(capture));
  task.meta.figures = {
    capture: `boot: ${capture.scenario}`,
    kernel: capture.kernel,
    compared: result.compared,
    equal: result.equal,
    notCompared: result.reported.length,
  };
  expect(differences(result)).toEqual([]);
  expect(result.equal).toBe(result.compared);
  expect(result.compared).toBeGreaterThan(60);
}

describe('boot: figures of real kernels kept here', () => {
  const kept = fixtureCaptures();

  it('has machines with holes, with two nodes, with a memoryless node, with five levels', () => {
    expect(kept.map(({ scenario }) => scenario)).toEqual([
      'a-flat-512m',
      'b-pci-hole-4g',
      'c-numa2-unequal',
      'i-devdax-kmem',
      'p2-memmap-holes',
      'q-la57',
      'z1-memremap-params',
    ]);
  });

  for (const capture of kept) {
    it(`${capture.scenario} on ${capture.kernel}: every figure after the boot`, (context) => {
      check(capture, context);
    });
  }
});

const names = captureNames();

describe.skipIf(names.length === 0)('boot: captures of real kernels beside this project', () => {
  for (const name of names) {
    const capture = readCapture(name);
    it.skipIf(releaseOf(capture) === undefined)(
      `${name}: every figure after the boot`,
      (context) => {
        check(capture, context);
      },
    );
  }
});
