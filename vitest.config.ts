import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [vue()],
        test: {
          name: 'unit',
          include: ['test/{unit,conformance,property,hostile}/**/*.test.ts'],
          setupFiles: ['test/setup/seeds.ts'],
          maxWorkers: '100%',
          // The engine keeps no state in its modules (linted), so test files share what they import.
          isolate: false,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
        },
      },
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
