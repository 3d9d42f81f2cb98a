/** pfn_to_page and back, with every step worded, on the same machine under each memory model. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBatch } from '../../src/main/bench/batch/run.ts';
import { modelOf } from '../../src/main/engine/kernel/memmodel/models.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MODELS = ['flatmem', 'discontigmem', 'sparsemem', 'vmemmap'];
const ROUNDS = 100_000;

const rates: { model: string; rate: number }[] = [];
for (const name of MODELS) {
  const file = `compare-${name}.lab.yaml`;
  const batch = await runBatch(file, readFileSync(join(ROOT, 'labs', file), 'utf8'), ROOT);
  if (!batch.ok) throw new Error(batch.problems.join('\n'));
  const { facts, world } = batch.value.session.inspection();
  const model = modelOf({ facts });
  const pfns: number[] = [];
  for (const row of world.rows('pages')) {
    if (row.state === 'init') pfns.push(row.start, row.end - 1);
  }
  let best = Infinity;
  for (let again = 0; again < 3; again += 1) {
    const start = performance.now();
    for (let round = 0; round < ROUNDS; round += 1) {
      const pfn = pfns[round % pfns.length] ?? 0;
      const { page } = model.pfnToPage({ facts, world }, pfn);
      if (page === undefined) throw new Error(`${name}: pfn ${pfn} has no struct page`);
      const back = model.pageToPfn({ facts, world }, page).pfn;
      if (back !== pfn) throw new Error(`${name}: pfn ${pfn} comes back as ${back}`);
    }
    best = Math.min(best, performance.now() - start);
  }
  rates.push({ model: model.name, rate: (ROUNDS / best) * 1000 });
}
const fastest = Math.max(...rates.map(({ rate }) => rate));
for (const { model, rate } of rates) {
  const count = Math.round(rate).toLocaleString('en');
  console.log(
    `${model.padEnd(18)} ${count} conversions there and back a second, ${(rate / fastest).toFixed(2)} of the fastest`,
  );
}
