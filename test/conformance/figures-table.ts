/** What a conformance test compared, as it tells the table at the end of the run. */
export interface FigureCount {
  /** The machine or the scripted session that a real kernel ran. */
  readonly capture: string;
  readonly kernel: string;
  readonly compared: number;
  readonly equal: number;
  /** Figures reported without a verdict: they belong to the running kernel, not to the machine. */
  readonly notCompared: number;
}

declare module 'vitest' {
  interface TaskMeta {
    figures?: FigureCount;
  }
}

/**
 * One row a capture and kernel: where a capture is compared twice, as kept here and beside this
 * project, the worse of the two counts.
 */
function rowsOf(counts: readonly FigureCount[]): FigureCount[] {
  const rows = new Map<string, FigureCount>();
  for (const count of counts) {
    const key = `${count.capture}\0${count.kernel}`;
    const old = rows.get(key);
    if (!old || count.compared - count.equal > old.compared - old.equal) rows.set(key, count);
  }
  return [...rows.values()].sort(
    (a, b) => a.capture.localeCompare(b.capture) || a.kernel.localeCompare(b.kernel),
  );
}

const HEAD = ['capture', 'kernel', 'compared', 'equal', 'differing', 'not compared'];

/** The table: a line a capture and kernel, the sums last. */
export function figuresTable(counts: readonly FigureCount[]): string {
  const rows = rowsOf(counts);
  const total = (name: 'compared' | 'equal' | 'notCompared'): number =>
    rows.reduce((sum, row) => sum + row[name], 0);
  const cells = (row: Omit<FigureCount, 'capture' | 'kernel'>): string[] =>
    [row.compared, row.equal, row.compared - row.equal, row.notCompared].map(String);
  const lines = [
    HEAD,
    ...rows.map((row) => [row.capture, row.kernel, ...cells(row)]),
    [
      `${rows.length} in all`,
      '',
      ...cells({
        compared: total('compared'),
        equal: total('equal'),
        notCompared: total('notCompared'),
      }),
    ],
  ];
  const widths = HEAD.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? '').length)));
  const text = lines.map((line) =>
    line
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}
