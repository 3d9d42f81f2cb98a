import { describe, expect, it } from 'vitest';
import { KERNEL_OPS } from '../../src/main/engine/lab/machine/ops.ts';
import { OPERATIONS } from '../../src/shared/lab/operations/operations.ts';
import { failed, type KernelFunction } from '../../src/main/engine/core/world/operation.ts';
import type { Args, Value } from '../../src/shared/world/value.ts';
import { DEVICE_PFN, mapDevice, mapPages, withProcess } from '../unit/gup/address-space.ts';

const VALUES: Value[] = [
  null,
  true,
  -1,
  0,
  1.5,
  2 ** 44,
  2 ** 53,
  (1n << 64n) - 1n,
  1n << 56n,
  '',
  '0x',
  '1EiB',
  '18446744073709551615',
  'driver',
  'nobody',
  [],
  {},
];
const GOOD: Readonly<Record<string, Args>> = {
  pin: { va: '0x7f0000000000', pages: 4 },
  unpin: { name: 'driver 1' },
  'direct-io': { va: '0x7f0000000000', size: '16KiB' },
  thread: { child: 'other' },
};
const NAMES = ['va', 'pages', 'size', 'write', 'longterm', 'fast', 'get', 'p2p', 'force', 'task'];
const ALL = [...NAMES, 'as', 'name', 'dirty', 'dir', 'child', 'colour'];

function operationOf(name: string): KernelFunction<Args, unknown> {
  const fn = KERNEL_OPS[name];
  if (!fn) throw new Error(`no operation ${name}`);
  return fn;
}

describe('operations that hold pages, with hostile arguments', () => {
  it.each(['4.3', '4.14', '5.3', '6.12', '7.2'])(
    'answer with an errno or succeed, never throw, and leave no lock: %s',
    (version) => {
      const bench = withProcess(
        version,
        version === '4.3' ? { ZONE_DMA: 'n', ZONE_DEVICE: 'y' } : {},
      );
      mapDevice(bench, 'GENERIC');
      mapPages(bench, { pages: 16, pfn: DEVICE_PFN, vm_ops: 'dev_dax' });
      let ran = 0;
      for (const op of ['pin', 'unpin', 'direct-io', 'thread'] as const) {
        const fn = operationOf(op);
        for (const name of ALL) {
          for (const value of VALUES) {
            const args = { ...GOOD[op], [name]: value };
            // What is wrong in kind is a mistake of the file, and never comes here.
            if (!OPERATIONS[op].args.safeParse(args).success) continue;
            ran += 1;
            const result = bench.call(fn, args);
            if (failed(result)) expect(result.errno).toMatch(/^E[A-Z0-9]+$/);
            expect([op, name, value, bench.world.count('locks')]).toEqual([op, name, value, 0]);
          }
        }
      }
      expect(ran).toBeGreaterThan(40);
    },
  );

  it('says what an argument may be, and which pins there are', () => {
    const bench = withProcess('6.12');
    const fn = operationOf('unpin');
    expect(bench.call(fn, { name: 'mr0' })).toMatchObject({
      errno: 'EINVAL',
      check: 'lab: there is no pin mr0; there are none',
    });
    const pin = operationOf('pin');
    expect(OPERATIONS.pin.args.safeParse({ va: '0x7f0000000000', pages: 0 }).success).toBe(false);
    expect(bench.call(pin, { va: '0xfffffffffffff000', pages: 1 })).toMatchObject({
      check: 'lab: `pages` must end in the user half',
    });
    expect(bench.call(pin, { va: '0x7f0000000000', task: 'nobody' })).toMatchObject({
      check: 'lab: nobody is no process with memory; it needs an `mmap` first',
    });
  });
});
