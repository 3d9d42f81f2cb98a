import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { exploreLab } from '../../../src/main/bench/batch/explore.ts';

const root = resolve(import.meta.dirname, '../../..');

test('put_page of two pages against a put of the second loses no reference, in any order', async () => {
  const lab = `pfnlab: 1
title: references
kernel: { version: "6.12", arch: x86_64 }
machine:
  memory: [ { start: 0x100000, end: 0x7fffffff, type: usable } ]
program:
  - boot
  - { actor: app, do: alloc-pages, pfn: 0x3000, pages: 2 }
  - { actor: io, do: get-page, pfn: 0x3001 }
  - { actor: io, do: get-page, pfn: 0x3001 }
  - concurrently:
      - { actor: app, do: put-page, pfn: 0x3000, pages: 2 }
      - { actor: io, do: put-page, pfn: 0x3001 }
expect:
  - page: { pfn: 0x3000, refcount: 0 }
  - page: { pfn: 0x3001, refcount: 1 }
`;
  const result = await exploreLab('refs.lab.yaml', lab, root, { depth: 10_000, budget: 10_000 });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  const { exhaustive, interleavings, breakages } = result.value;
  expect(breakages).toEqual([]);
  expect(exhaustive).toBe(true);
  expect(interleavings).toBeGreaterThan(1);
});
