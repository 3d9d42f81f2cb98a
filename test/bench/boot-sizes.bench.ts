/**
 * The cost of a boot against the size of the memory, 1 GiB to 64 TiB on one node: time and steps,
 * as ratios to the smallest. Flat is the aim: cost follows events, not bytes.
 */
import { parseLab } from '../../src/shared/lab/parse.ts';
import { bootLab } from '../conformance/boot-capture.ts';

const GIB = 2n ** 30n;
const ROUNDS = 60;

/** One range below the 3 GiB hole, the rest from 4 GiB on; at 64 TiB what the CPU can address. */
function machine(gib: bigint) {
  const low = gib < 3n ? gib : 3n;
  const top = gib - low + 4n;
  const end = (top > 65536n ? 65536n : top) * GIB - 1n;
  const ranges = [
    '{ start: 0x0, end: 0x9fbff, type: usable }',
    `{ start: 0x100000, end: 0x${(low * GIB - 1n).toString(16)}, type: usable }`,
    ...(gib > 3n ? [`{ start: 0x100000000, end: 0x${end.toString(16)}, type: usable }`] : []),
  ];
  const text = `pfnlab: 1
title: ${gib} GiB
kernel: { version: "6.12", arch: x86_64, model: sparsemem-vmemmap }
machine:
  cpu: { phys_bits: 46, vendor: Intel }
  memory: [${ranges.join(', ')}]
program: [boot]
`;
  const { lab, problems } = parseLab(text, 'size.lab.yaml');
  if (!lab) throw new Error(problems.map(({ message }) => message).join('; '));
  return lab;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

const sizes = [1n, 8n, 64n, 512n, 4096n, 16384n, 65536n].map((gib) => ({ gib, lab: machine(gib) }));
const times = sizes.map(() => [] as number[]);
// In turn, so that what the machine does beside this falls on all sizes alike.
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [at, { lab }] of sizes.entries()) {
    const before = performance.now();
    bootLab(lab);
    if (round >= ROUNDS / 3) times[at]?.push(performance.now() - before);
  }
}
const steps = sizes.map(({ lab }) => bootLab(lab).log.length);
const ms = times.map(median);
console.log('memory       boot ms  to 1 GiB  steps  to 1 GiB');
for (const [at, { gib }] of sizes.entries()) {
  const name = gib >= 1024n ? `${gib / 1024n} TiB` : `${gib} GiB`;
  const time = ms[at] ?? 0;
  const ratio = time / (ms[0] ?? 1);
  const step = steps[at] ?? 0;
  console.log(
    [
      name.padEnd(10),
      time.toFixed(2).padStart(9),
      `${ratio.toFixed(2)}x`.padStart(9),
      String(step).padStart(6),
      `${(step / (steps[0] ?? 1)).toFixed(2)}x`.padStart(9),
    ].join(' '),
  );
}
