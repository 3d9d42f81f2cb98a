import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buddyinfoText } from '../../src/main/engine/lab/inspect/buddyinfo.ts';
import { iomemText } from '../../src/main/engine/lab/inspect/iomem.ts';
import { zoneinfoText } from '../../src/main/engine/lab/inspect/zoneinfo.ts';
import { bootLab, labOfCapture } from './boot-capture.ts';
import { CAPTURES, captureNames, readCapture, releaseOf } from './capture.ts';

/** The raw text a section of a capture holds, without the blank line at its end. */
function section(raw: string, name: string): string[] | undefined {
  const from = raw.indexOf(`@@BEGIN ${name}\n`);
  if (from < 0) return undefined;
  const body = raw.slice(raw.indexOf('\n', from) + 1, raw.indexOf('\n@@END', from));
  return body.trimEnd().split('\n');
}

/** Both lines with every figure left out that is `-` here. */
function sameShape(got: string, want: string): boolean {
  const ours = got.trimEnd().split(/(\s+|[(),])/);
  const theirs = want.trimEnd().split(/(\s+|[(),])/);
  if (ours.length !== theirs.length) return false;
  return ours.every((word, at) => {
    const their = theirs[at] as string;
    if (word === '-') return /^\d+$/.test(their);
    // Columns that are padded to the right move with the width of a figure.
    return word === their || (word.trim() === '' && their.trim() === '');
  });
}

function differing(got: string, want: readonly string[]): string[] {
  const lines = got.trimEnd().split('\n');
  const found: string[] = [];
  for (let at = 0; at < Math.max(lines.length, want.length); at += 1) {
    const ours = lines[at] ?? '(no line)';
    const theirs = want[at] ?? '(no line)';
    if (!sameShape(ours, theirs)) found.push(`line ${at + 1}: kernel "${theirs}", here "${ours}"`);
  }
  return found;
}

const cases = captureNames().flatMap((name) => {
  const capture = readCapture(name);
  const path = join(CAPTURES, name, 'data.txt.gz');
  if (releaseOf(capture) === undefined || !existsSync(path)) return [];
  const raw = gunzipSync(readFileSync(path)).toString('utf8');
  const [label = ''] = Object.keys(capture.dumps);
  return [{ name, capture, raw, label }];
});

describe.skipIf(cases.length === 0)('inspect: texts in the layout of that kernel', () => {
  for (const { name, capture, raw, label } of cases) {
    const booted = () => {
      const lab = labOfCapture(capture);
      if (!lab) throw new Error('not modelled');
      return bootLab(lab);
    };
    const zoneinfo = section(raw, `${label}/zoneinfo`);
    it.skipIf(!zoneinfo)(`${name}: /proc/zoneinfo, line by line`, () => {
      const { world, facts } = booted();
      expect(differing(zoneinfoText(world, facts), zoneinfo ?? [])).toEqual([]);
    });

    const buddyinfo = section(raw, `${label}/buddyinfo`);
    it.skipIf(!buddyinfo)(`${name}: /proc/buddyinfo, line by line`, () => {
      const { world, facts } = booted();
      expect(differing(buddyinfoText(world, facts), buddyinfo ?? [])).toEqual([]);
    });

    const iomem = section(raw, `${label}/iomem`);
    it.skipIf(!iomem)(`${name}: /proc/iomem without the kernel image, line by line`, () => {
      const { world } = booted();
      const want = (iomem ?? []).filter((line) => !line.includes(' : Kernel '));
      expect(differing(iomemText(world), want)).toEqual([]);
    });
  }
});
