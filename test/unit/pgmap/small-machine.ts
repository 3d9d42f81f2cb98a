import type { Arch } from '../../../src/main/engine/core/arch/arch.ts';
import { debianAmd64Config } from '../../../src/main/engine/core/arch/config.ts';
import { x86_64 } from '../../../src/main/engine/core/arch/x86_64.ts';
import { resolveEra } from '../../../src/main/engine/core/era/era.ts';
import type { SwitchValue } from '../../../src/main/engine/core/era/switch.ts';
import { resolveVersion } from '../../../src/main/engine/core/era/version.ts';
import type { Facts } from '../../../src/main/engine/core/facts.ts';
import { percpu_ref_init } from '../../../src/main/engine/kernel/pgmap/pgmap-ref.ts';
import { wiring } from '../../../src/main/engine/kernel/wiring.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import type { KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import { StepLog } from '../../../src/main/engine/core/world/timeline.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';

/** Facts of a machine with 512 MiB less its last 128 KiB, and a CPU with 40 address bits. */
export function smallFacts(
  version: string,
  config: Record<string, string> = {},
  switches: Record<string, SwitchValue> = {},
): Facts {
  const resolved = resolveVersion(version);
  if ('problem' in resolved) throw new Error(resolved.problem);
  const all = { ...debianAmd64Config(resolved.version), ...config };
  const arch: Arch = x86_64(resolved.version, all, false);
  return {
    arch,
    era: resolveEra(version, resolved, 'x86_64', switches),
    config: all,
    cmdline: '',
    machine: {
      cpu: { phys_bits: 40, vendor: 'AMD', hypervisor: true, la57: false },
      memory: [],
      firmware_updates: [],
      acpi_tables: [],
      memory_increment: null,
      cfmws: [],
      hmat: [],
      nodes: [{ id: 0, cpus: 1, distances: [10] }],
      srat: [],
      resources: [],
    },
    wiring,
  } as unknown as Facts;
}

const RAM_END = 131040;

/** Boots nothing: writes the tables as a 512 MiB machine has them after boot, by hand. */
export function bootedByHand(world: World, facts: Facts): void {
  const { zones } = facts.arch;
  world.put('nodes', {
    nid: 0,
    online: true,
    cpus: 1,
    node_start_pfn: 1,
    node_spanned_pages: RAM_END - 1,
    node_present_pages: 130942,
    first_deferred_pfn: null,
  });
  for (const [index, name] of zones.entries()) {
    const span = name === 'DMA' ? [1, 4095] : name === 'DMA32' ? [4096, RAM_END - 4096] : [0, 0];
    world.put('zones', {
      key: index,
      nid: 0,
      index,
      name,
      zone_start_pfn: span[0] ?? 0,
      spanned_pages: span[1] ?? 0,
      present_pages: span[1] ?? 0,
      present_early_pages: span[1] ?? 0,
      managed_pages: span[1] ?? 0,
      contiguous: name === 'DMA32',
    });
  }
  world.set('section_roots', 0, 1, { nid: 0 });
  const full = (1n << 64n) - 1n;
  world.set('sections', 0, 4, { nid: 0, flags: 15, subsection_map: full, memmap: 'boot' });
  world.set('vmemmap', 0, 131072, { phys: 0x1f000000n, mapping: 'PMD', source: 'memblock' });
  world.set('direct_map', 0, RAM_END, { by: 'init_mem_mapping' });
  const page = {
    state: 'init',
    nid: 0,
    mapcount: -1,
    pgmap: null,
    compound_order: 0,
    migratetype: 'MOVABLE',
  } as const;
  world.set('pages', 0, 4096, { ...page, zone: 0, flags: '', refcount: 0, buddy: true });
  world.set('pages', 4096, RAM_END, { ...page, zone: 1, flags: '', refcount: 0, buddy: true });
  world.set('pages', RAM_END, 131072, {
    ...page,
    zone: 1,
    flags: 'reserved',
    refcount: 1,
    buddy: false,
  });
  const rows: [bigint, bigint, string, string][] = [
    [0x1000n, 0x9fbffn, 'System RAM', 'MEM|SYSRAM|BUSY'],
    [0xa0000n, 0xbffffn, 'PCI Bus 0000:00', 'MEM'],
    [0x100000n, 0x1ffdffffn, 'System RAM', 'MEM|SYSRAM|BUSY'],
    [0x1ffe0000n, 0x1fffffffn, 'Reserved', 'MEM'],
    [0x20000000n, 0xfebfffffn, 'PCI Bus 0000:00', 'MEM'],
    [0xfd00000000n, 0xffffffffffn, 'Reserved', 'MEM'],
  ];
  for (const [at, [start, end, name, flags]] of rows.entries()) {
    world.put('resources', { id: at + 1, parent: 0, start, end, name, flags, desc: 'NONE' });
  }
  const vars = { max_pfn: RAM_END, max_low_pfn: RAM_END, max_pfn_mapped: RAM_END };
  for (const [name, value] of Object.entries({
    ...vars,
    highest_memmap_pfn: RAM_END - 1,
    __highest_present_section_nr: 3,
  })) {
    world.put('vars', { name, value });
  }
}

/** A machine whose kernel functions run to their end when called. */
export interface Bench {
  readonly world: World;
  readonly facts: Facts;
  readonly log: StepLog;
  /** Throws where the call blocks: it sleeps on, and another actor may wake it. */
  call<P, R>(fn: KernelFunction<P, R>, params: P, actor?: string): R;
}

export function benchOf(world: World, facts: Facts): Bench {
  world.takeChanges();
  const log = new StepLog(world.store);
  const sink = {
    step: (step: Parameters<StepLog['add']>[0]) => {
      log.add(step);
    },
    returned: (event: Parameters<StepLog['returned']>[0]) => {
      log.returned(event);
    },
  };
  const driver = new Driver(sink, { facts, world });
  return {
    world,
    facts,
    log,
    call: (fn, params, actor = 'driver') => {
      let result: unknown;
      driver.add({
        actor,
        fn: fn as never,
        params,
        done: (value) => {
          result = value;
        },
      });
      const ended = driver.runToEnd();
      if (ended !== false) throw new Error('the call blocks');
      return result as never;
    },
  };
}

/** The hand-made machine under a kernel. */
export function smallMachine(
  version = '6.12.117',
  config: Record<string, string> = {},
  switches: Record<string, SwitchValue> = {},
): Bench {
  const facts = smallFacts(version, config, switches);
  const world = new World();
  bootedByHand(world, facts);
  return benchOf(world, facts);
}

let made = 0;

/** The reference a driver brings with its pagemap where this kernel wants one, with its ops. */
export function brought(
  { call, facts }: Bench,
  ops: readonly string[] = [],
): { ref?: string; ops: readonly string[] } {
  if (!facts.era.get('pagemap_ref').startsWith('driver')) return { ops };
  made += 1;
  const ref = `ref${made}`;
  call(percpu_ref_init, { ref, device: '' });
  return { ref, ops: [...ops, 'kill', 'cleanup'] };
}

/** `[start, start + size)` as memremap_pages takes it. */
export function range(start: bigint, size: bigint): { start: bigint; end: bigint } {
  return { start, end: BigInt.asUintN(64, start + size - 1n) };
}
