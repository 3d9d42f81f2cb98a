import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

const UNIT = ['test/{unit,conformance,property,hostile}/**/*.test.ts'];
/** Whole labs and many devices' code in their sandboxes: the longest files, and begun first. */
const SANDBOX = [
  'test/unit/bench/shipped-labs.test.ts',
  'test/unit/{p2pdma,dma,dax}/**/*.test.ts',
  'test/unit/explore/*-against-pin.test.ts',
];

const shared = {
  setupFiles: [
    'test/setup/seeds.ts',
    // What each test ran, for `npm run untested -- --run`; otherwise it costs nothing.
    ...(process.env['PFNLAB_RAN'] ? ['test/setup/ran.ts'] : []),
  ],
  maxWorkers: '100%',
  // The engine keeps no state in its modules (linted), so test files share what they import.
  isolate: false,
  sequence: { groupOrder: 1 },
  // Ends what hangs. A machine that is busy with something else is slow, and no test fails for that.
  testTimeout: 600_000,
  hookTimeout: 600_000,
};

export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: 'sandbox', include: SANDBOX } },
      { plugins: [vue()], test: { ...shared, name: 'unit', include: UNIT, exclude: SANDBOX } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // One browser at a time, and not beside the other tests: programs that fight over two
          // cores make every wait longer.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
