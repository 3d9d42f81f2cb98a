// Random programs over everything that lives on ZONE_DEVICE, and a scheduler that picks who steps.
import { join } from 'node:path';
import fc from 'fast-check';
import { pluginSet } from '../../src/main/bench/session/plugin-set.ts';
import { LabExecution } from '../../src/main/bench/session/execution.ts';
import { prepareLab } from '../../src/main/bench/session/sessions.ts';
import { deadlockOf, deadlockText } from '../../src/main/engine/core/world/deadlock.ts';
import type { Choice } from '../../src/main/engine/core/world/actors.ts';
import type { World } from '../../src/main/engine/core/world/world.ts';

const plugins = await pluginSet(join(import.meta.dirname, '..', '..'));

/** Where processes map anonymous memory, and where the persistent memory. */
const ANON = 0x7f0000000000;
const DAX = 0x7f4000000000;
const PAGE = 4096;
/** Pages of anonymous memory, and of persistent memory: two PMDs. */
const ANON_PAGES = 16;
const DAX_PAGES = 1024;
/** More steps than any of these programs needs: somebody tries again and again for ever. */
const MANY = 20_000;
const PROCESSES = ['app', 'other'] as const;

export interface Machine {
  readonly version: string;
  readonly gpu: 'gpu' | 'coherent-gpu';
  readonly mode: 'fsdax' | 'devdax';
}

export interface Act {
  readonly actor: number;
  readonly op: string;
  readonly at: number;
  readonly pages: number;
  readonly write: boolean;
  readonly anon: boolean;
  readonly how: number;
}

export const act: fc.Arbitrary<Act> = fc.record({
  actor: fc.nat(1),
  op: fc.constantFrom(
    ...['read', 'write', 'pin', 'unpin', 'to-device', 'to-system', 'device-read', 'device-write'],
    ...['fork', 'munmap', 'mmap', 'mprotect', 'dontneed', 'truncate', 'punch', 'grow', 'exit'],
    ...['evict', 'unbind-gpu', 'unbind-nvdimm', 'create-namespace', 'migrate', 'child'],
  ),
  at: fc.oneof(fc.nat(7), fc.constantFrom(511, 512), fc.nat(DAX_PAGES - 1)),
  pages: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom(512, DAX_PAGES)),
  write: fc.boolean(),
  anon: fc.boolean(),
  how: fc.nat(5),
});

const hex = (address: number) => `0x${address.toString(16)}`;

/** A program, in the order of its phases: `concurrent` entries may interleave. */
export interface Program {
  readonly machine: Machine;
  readonly setup: readonly string[];
  readonly concurrent: readonly string[];
  readonly cleanup: readonly string[];
}

/**
 * What kernels break by themselves is not asked of them:
 * - nd_pmem under a mounted filesystem takes no mapping away (drivers/nvdimm/pmem.c:nd_pmem_remove
 *   only has the queue die), so an fsdax namespace is unbound after umount;
 * - a device-dax takes its mappings away (drivers/dax/bus.c:kill_dev_dax), but memunmap_pages() waits
 *   for pins only where each page holds its pagemap (mm/memremap.c, 5.2 to 5.17): 4.14 drops the
 *   base counts and waits for nothing (kernel/memremap.c:devm_memremap_pages_release), and from 5.18
 *   on references are taken and dropped in bulk. There a program has pins of the device, or takes
 *   its memory away, not both;
 * - in 4.14 the pagemap of a GPU goes at once as well (mm/hmm.c:hmm_devmem_release), and a driver
 *   finds pages only through the processes it mirrors, not those of a child that shares them since a
 *   fork: there a GPU is unbound when the processes are gone.
 */
const REMOVES_AT_ONCE = '4.14';

/** memunmap_pages() waits for whoever holds a page. */
function pinsHoldPagemap(version: string): boolean {
  return version === '5.3' || version === '5.14';
}

export function programOf(machine: Machine, acts: readonly Act[]): Program {
  const { mode, version } = machine;
  const file = mode === 'fsdax' ? '/mnt/a' : '/dev/dax0.0';
  const unbinds =
    mode === 'devdax' && acts.some(({ op }) => /^(unbind-nvdimm|create-namespace)$/.test(op));
  const mayPinDax = !unbinds || pinsHoldPagemap(version);
  const map = (actor: string, anon: boolean) =>
    anon
      ? `{ actor: ${actor}, do: mmap, at: ${hex(ANON)}, size: ${ANON_PAGES * 4}KiB }`
      : `{ actor: ${actor}, do: mmap, file: ${file}, at: ${hex(DAX)}, size: ${DAX_PAGES * 4}KiB, shared: true }`;
  const setup = [`nvdimm0.create-namespace: { mode: ${mode}, map: mem }`];
  if (mode === 'fsdax') {
    setup.push('nvdimm0.ns0.mount: { fs: ext4, options: dax, at: /mnt }');
    setup.push(`{ do: create-file, file: ${file}, size: ${DAX_PAGES * 4}KiB }`);
  }
  for (const actor of PROCESSES) setup.push(map(actor, true), map(actor, false));
  setup.push(
    `{ actor: app, do: write, va: ${hex(ANON)}, pages: 4, count: true }`,
    '{ actor: app, do: fork, child: child }',
  );
  const concurrent = [
    `{ actor: child, do: read, va: ${hex(ANON)} }`,
    `{ actor: engine, do: gpu0.device-read, task: app, va: ${hex(ANON)}, size: 4KiB }`,
  ];
  const pins: { name: string; actor: string }[] = [];
  const children: string[] = ['child'];
  for (const [n, { actor: nr, op, at, pages, write, anon, how }] of acts.entries()) {
    const actor = PROCESSES[nr] ?? 'app';
    const length = anon ? ANON_PAGES : DAX_PAGES;
    const first = at % length;
    const count = Math.min(pages, length - first);
    const range = `va: ${hex((anon ? ANON : DAX) + first * PAGE)}, size: ${count * 4}KiB`;
    const anonAt = at % ANON_PAGES;
    const onDevice = `task: ${actor}, va: ${hex(ANON + anonAt * PAGE)}, size: ${Math.min(pages, ANON_PAGES - anonAt) * 4}KiB`;
    const say = (entry: string, by: string = actor) =>
      concurrent.push(`{ actor: ${by}, do: ${entry} }`);
    switch (op) {
      case 'read':
        say(`read, ${range}, catch: true`);
        break;
      case 'write':
        say(`write, ${range}, word: ${n + 1}, catch: true`);
        break;
      case 'pin': {
        if (!anon && !mayPinDax) break;
        const flags = [`write: ${write}`, ...(how & 1 ? ['fast: true'] : [])];
        if (how === 2) flags.push('longterm: true');
        if (how === 4) flags.push('get: true');
        say(
          `pin, va: ${hex((anon ? ANON : DAX) + first * PAGE)}, pages: ${count}, ${flags.join(', ')}, as: p${n}`,
        );
        pins.push({ name: `p${n}`, actor });
        break;
      }
      case 'unpin': {
        const one = pins[at % Math.max(1, pins.length)];
        // The device that holds the pages lets go, whatever the process does meanwhile.
        if (one) say(`unpin, name: ${one.name}, dirty: ${write}`, how & 1 ? 'engine' : one.actor);
        break;
      }
      case 'to-device':
        say(`gpu0.migrate-to-device, ${onDevice}`, how & 1 ? 'engine' : actor);
        break;
      case 'to-system':
        say(`gpu0.migrate-to-system, ${onDevice}`, how & 1 ? 'engine' : actor);
        break;
      case 'device-read':
        say(`gpu0.device-read, ${onDevice}`, 'engine');
        break;
      case 'device-write':
        say(`gpu0.device-write, ${onDevice}, word: ${n + 1}`, 'engine');
        break;
      case 'fork':
        say(`fork, child: c${n}`);
        children.push(`c${n}`);
        break;
      case 'child':
        say(`${write ? 'write' : 'read'}, ${range}, catch: true`, 'child');
        break;
      case 'munmap':
        say(`munmap, ${range}`);
        break;
      case 'mmap':
        concurrent.push(map(actor, anon));
        break;
      case 'mprotect':
        say(`mprotect, ${range}, prot: ${write ? 'rw' : 'r'}`);
        break;
      case 'dontneed':
        say(`madvise, ${range}, advice: dontneed`);
        break;
      case 'truncate':
      case 'grow':
        if (mode === 'fsdax') {
          const size = op === 'grow' ? DAX_PAGES : at;
          say(`truncate, file: ${file}, size: ${size * 4}KiB`, 'admin');
        }
        break;
      case 'punch':
        if (mode === 'fsdax')
          say(`punch-hole, file: ${file}, offset: ${first * 4}KiB, size: ${count * 4}KiB`, 'admin');
        break;
      case 'exit':
        if (how === 0) say('exit');
        break;
      case 'evict':
        say('gpu0.evict', 'admin');
        break;
      case 'unbind-gpu':
        if (how < 2 && version !== REMOVES_AT_ONCE) say('gpu0.unbind', 'admin');
        break;
      case 'unbind-nvdimm':
        if (unbinds) say('nvdimm0.unbind', 'admin');
        break;
      case 'create-namespace':
        if (mode === 'devdax') say('nvdimm0.create-namespace, mode: devdax, map: mem', 'admin');
        break;
      case 'migrate':
        say(`move-pages, ${range}, node: 0`);
        break;
    }
  }
  const cleanup = [
    ...pins.map(({ name }) => `{ actor: engine, do: unpin, name: ${name} }`),
    ...[...PROCESSES, ...children].map((actor) => `{ actor: ${actor}, do: exit }`),
    ...(mode === 'fsdax' ? ['umount: { at: /mnt }'] : []),
    'gpu0.unbind',
    'nvdimm0.unbind',
  ];
  return { machine, setup, concurrent, cleanup };
}

export function textOf({ machine, setup, concurrent, cleanup }: Program): string {
  const { version, gpu } = machine;
  const memory = gpu === 'gpu' ? 'vram: 16MiB' : 'range: { start: 0x200000000, size: 256MiB }';
  const entries = [
    'boot',
    ...setup,
    ...(concurrent.length > 0 ? [`concurrently: [\n      ${concurrent.join(',\n      ')} ]`] : []),
    ...cleanup,
  ];
  return `pfnlab: 1
title: zone device
kernel: { version: "${version}", arch: x86_64, model: sparsemem-vmemmap, config: { DEVICE_PRIVATE: y, DEVICE_PUBLIC: y } }
machine:
  cpu: { phys_bits: 40, hypervisor: true }
  memory:
    - { start: 0x1000, end: 0x9fbff, type: usable }
    - { start: 0x100000, end: 0x3fffffff, type: usable }
  nodes: [ { id: 0, cpus: 2, distances: [10] } ]
devices:
  - { id: nvdimm0, model: nvdimm, node: 0, range: { start: 0x100000000, size: 256MiB } }
  - { id: gpu0, model: ${gpu}, ${memory} }
program:
${entries.map((entry) => `  - ${entry}\n`).join('')}`;
}

export function executionOf(text: string, schedule?: readonly Choice[]): LabExecution {
  const prepared = prepareLab('zone-device.lab.yaml', text, plugins);
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.problems));
  const { lab, run } = prepared.execution;
  return new LabExecution('program.lab.yaml', lab, schedule ? { ...run, schedule } : run);
}

/** Runs it to its end; where several may step, `pick` says who, as a place among them. */
export function runAtRandom(text: string, pick: (among: number) => number): LabExecution {
  const execution = executionOf(text);
  const { driver } = execution;
  for (;;) {
    if (execution.stopped !== undefined) break;
    if (driver.steps > MANY) execution.stopped = `still running after ${MANY} steps`;
    const may = driver.runnable();
    const actor = may[may.length > 1 ? pick(may.length) : 0];
    if (actor === undefined) break;
    execution.moveBy(actor);
  }
  const deadlock = deadlockOf(driver.actors.all());
  if (deadlock) execution.stopped ??= deadlockText(deadlock, driver.world);
  execution.finish();
  return execution;
}

/** Random numbers in [0, 1) from a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Pages on free lists. */
export function freePages(world: World): number {
  let pages = 0;
  for (const row of world.rows('pages')) if (row.buddy) pages += row.end - row.start;
  return pages;
}
