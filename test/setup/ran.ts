// Of each test, the kernel functions that made steps while it ran: a line of JSON a test, to the file
// that PFNLAB_RAN names (`npm run untested -- --run`). vitest.config.ts leaves this out without it.
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, type TestContext } from 'vitest';
import type { RanTest } from '../../scripts/ran-functions.mjs';
import { Driver } from '../../src/main/engine/core/world/driver.ts';

const file = process.env['PFNLAB_RAN'] ?? '';
/** Made while the file was collected or by a hook of a block: they are every test's of the file. */
const outside = new Set<string>();
let made = outside;

// Every step of every run, wherever it goes, passes here.
const emit: unknown = Reflect.get(Driver.prototype, 'emit');
if (typeof emit !== 'function') throw new Error('the driver has no emit() to listen at');
Reflect.set(
  Driver.prototype,
  'emit',
  function (this: Driver, ...args: [actor: object, draft: { fn: string }]) {
    made.add(args[1].fn);
    return Reflect.apply(emit, this, args) as unknown;
  },
);
// Test files share the modules they import: the next one begins with the driver as it was.
afterAll(() => {
  Reflect.set(Driver.prototype, 'emit', emit);
});

beforeEach(() => {
  made = new Set();
});

afterEach(({ task }) => {
  const ran: RanTest = {
    file: relative(process.cwd(), task.file.filepath),
    title: titleOf(task),
    passed: task.result?.state !== 'fail',
    asserted: expect.getState().assertionCalls > 0,
    functions: [...new Set([...outside, ...made])].sort(),
  };
  appendFileSync(file, `${JSON.stringify(ran)}\n`);
  made = outside;
});

/** With the titles of the blocks around it. */
function titleOf({ name, suite }: TestContext['task']): string {
  const titles = [name];
  for (let block = suite; block; block = block.suite) titles.unshift(block.name);
  return titles.join(' > ');
}
