import { describe, expect, it } from 'vitest';
import { HOTPLUG } from '../../src/shared/lab/operations/hotplug.ts';
import { OPERATIONS, type OperationName } from '../../src/shared/lab/operations/operations.ts';
import type { Value } from '../../src/shared/world/value.ts';
import { HotplugMachine } from '../unit/hotplug/hotplug-machine.ts';

const VALUES: Value[] = [
  null,
  true,
  -1,
  0,
  1.5,
  2 ** 53,
  (1n << 64n) - 1n,
  1n << 63n,
  '',
  '0x',
  '1EiB',
  '18446744073709551615',
  'offline',
  [],
  {},
];
const NAMES = ['node', 'start', 'size', 'block', 'pfn', 'pages', 'type', 'use', 'name', 'group'];
const GOOD = {
  ...{ node: 0, start: '0x100000000', size: '128MiB', block: 32, pfn: 0x100000, pages: 1 },
  ...{ type: 'online', group: 0, unit_pages: 0x8000 },
};
const OPS = [
  ...(Object.keys(HOTPLUG) as (keyof typeof HOTPLUG)[]),
  'alloc-pages',
  'free-pages',
] as const;

/** What the operation takes of the good arguments, with one of them replaced. */
function argumentsOf(op: OperationName, name: string, value: Value): Record<string, Value> {
  const { shape } = OPERATIONS[op].args;
  const good = Object.entries(GOOD).filter(([known]) => known in shape);
  return { ...Object.fromEntries(good), [name]: value };
}

describe('operations that add and take memory, with hostile arguments', () => {
  it.each(['5.3', '6.12.117'])(
    'answer with an errno or succeed, and never throw: %s',
    (version) => {
      const machine = new HotplugMachine(version);
      let ran = 0;
      for (const op of OPS) {
        for (const name of NAMES) {
          for (const value of VALUES) {
            const args = argumentsOf(op, name, value);
            // What is wrong in kind is a mistake of the file, and never comes here.
            if (!OPERATIONS[op].args.safeParse(args).success) continue;
            ran += 1;
            expect(machine.do(op, args)).toMatch(/^(ok|E[A-Z0-9]+ .+)$/s);
          }
        }
      }
      expect(ran).toBeGreaterThan(80);
      // No lock is left behind by any of them.
      expect(machine.world.count('locks')).toBe(0);
    },
  );
});
