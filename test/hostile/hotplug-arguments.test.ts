import { describe, expect, it } from 'vitest';
import { HOTPLUG_OPS } from '../../src/main/engine/lab/machine/hotplug-ops.ts';
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
const NAMES = ['node', 'start', 'size', 'block', 'pfn', 'pages', 'type', 'use', 'name'];
const GOOD = { node: 0, start: '0x100000000', size: '128MiB', block: 32, pfn: 0x100000, pages: 1 };

/** What the operation takes of the good arguments, with one of them replaced. */
function argumentsOf(op: string, name: string, value: Value): Record<string, Value> {
  const takes: Record<string, string[]> = {
    'add-memory': ['node', 'start', 'size', 'name'],
    'remove-memory': ['start', 'size'],
    online: ['block', 'type'],
    offline: ['block'],
    'auto-online': ['type'],
    'alloc-pages': ['pfn', 'pages', 'use'],
    'free-pages': ['pfn', 'pages'],
    'walk-max-pfn': [],
    probe: ['start'],
    'memory-group': ['node'],
    'memory-group-unregister': [],
  };
  const names = takes[op] ?? ['node', 'start', 'size'];
  const good = Object.entries(GOOD).filter(([known]) => names.includes(known));
  return { ...Object.fromEntries(good), [name]: value };
}

describe('operations that add and take memory, with hostile arguments', () => {
  it.each(['5.3', '6.12.117'])(
    'answer with an errno or succeed, and never throw: %s',
    (version) => {
      const machine = new HotplugMachine(version);
      for (const op of Object.keys(HOTPLUG_OPS)) {
        for (const name of NAMES) {
          for (const value of VALUES) {
            expect(machine.do(op, argumentsOf(op, name, value))).toMatch(/^(ok|E[A-Z0-9]+ .+)$/s);
          }
        }
      }
      // No lock is left behind by any of them.
      expect(machine.world.count('locks')).toBe(0);
    },
  );
});
