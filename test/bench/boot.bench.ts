/**
 * Boots of large machines: time, heap and steps of one boot, journal and timeline included. The
 * workload is labs/twenty-terabytes.lab.yaml: 4 TiB of DRAM on eight nodes and 16 TiB of pmem.
 */
import { readFileSync } from 'node:fs';
import { Bench } from 'tinybench';
import { parseLab } from '../../src/shared/lab/parse.ts';
import { bootLab } from '../conformance/boot-capture.ts';

function lab(name: string) {
  const url = new URL(`../../labs/${name}.lab.yaml`, import.meta.url);
  const parsed = parseLab(readFileSync(url, 'utf8'), name).lab;
  if (!parsed) throw new Error(`${name} does not parse`);
  return parsed;
}

const large = lab('twenty-terabytes');
const small = lab('two-nodes');

const first = performance.now();
const cold = bootLab(large);
const coldMs = performance.now() - first;

globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
const kept = bootLab(large);
globalThis.gc?.();
const heap = process.memoryUsage().heapUsed - before;

const bench = new Bench({ time: 1000 });
bench.add('boot 20 TiB', () => {
  bootLab(large);
});
bench.add('boot 8 GiB', () => {
  bootLab(small);
});
await bench.run();
console.table(bench.table());
console.log(`first boot of 20 TiB: ${coldMs.toFixed(1)} ms (under 50 ms wanted)`);
console.log(`steps: ${cold.log.length} (under 5,000 wanted)`);
console.log(
  `heap of a booted 20 TiB machine: ${(heap / 2 ** 20).toFixed(1)} MiB (${kept.log.length} steps kept)`,
);
