import type { Reporter, TestModule } from 'vitest/node';
import { figuresTable, type FigureCount } from './figures-table.ts';

/** Prints, after all tests, how many figures were compared with real kernels' and how many equal. */
export default class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts: FigureCount[] = [];
    let others = 0;
    let skipped = 0;
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { figures } = test.meta();
        if (figures) counts.push(figures);
        else if (test.result().state === 'skipped') skipped += 1;
        else others += 1;
      }
    }
    process.stdout.write(`\n${figuresTable(counts)}`);
    process.stdout.write(
      `Tests that count no figures: ${others}; skipped, mostly for want of their captures: ${skipped}\n`,
    );
  }
}
