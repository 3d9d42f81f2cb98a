import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/main/engine/core/world/world.ts';
import { at, entry, mapped, OWN, page, pfnOf } from '../mm/looks.ts';
import { Trace, wanted, type ExpectedCall } from '../world/trace.ts';
import { recordLab, VA, VRAM_PFN } from '../hmm/lab-run.ts';

const APP = at(1, VA);
const MEMORY = [
  '{ actor: app, do: mmap, at: 0x7f0000000000, size: 64KiB }',
  '{ actor: app, do: write, va: 0x7f0000000000, size: 64KiB, word: 1 }',
];
const TO_DEVICE = '{ actor: app, do: gpu0.migrate-to-device, va: 0x7f0000000000, size: 64KiB }';
const READ = '{ actor: app, do: read, va: 0x7f0000000000, size: 64KiB }';

const ON_DEVICE = 'device_private_write anon_exclusive';
/** Back from the device: no accessed bit, as the device's entry had none to carry over. */
const BACK = 'present write|anon_exclusive';
const flags = (pfn: number) => (world: World) => world.at('pages', pfn)?.flags.split('|') ?? [];
const has = (pfn: number, flag: string) => (world: World) => flags(pfn)(world).includes(flag);
const moving = (world: World) => [...world.rows('migrate_vmas')].map(({ cpages }) => cpages);

describe('16 pages to a device and back', async () => {
  const trace = new Trace(
    await recordLab({ version: '6.12', program: [...MEMORY, TO_DEVICE, READ] }),
  );

  it.each<ExpectedCall>([
    {
      name: 'migrate_vma_setup',
      does: 'collects, then unmaps: 16 pages',
      calls: ['migrate_vma_collect', 'migrate_vma_unmap'],
      look: (world) => [entry(APP)(world), moving(world)],
      from: [OWN, []],
      to: ['migration_write young|dirty', [16]],
    },
    {
      name: 'migrate_vma_collect',
      does: 'puts migration entries for all of them',
      look: (world) => [moving(world), entry(APP + 15)(world)],
      from: [[0], OWN],
      to: [[16], 'migration_write young|dirty'],
    },
    {
      // The reference of the mapping becomes the migration's; the map count is gone.
      name: 'migrate_vma_collect_pmd',
      does: 'takes the mapping away and keeps its reference',
      look: page(APP),
      from: { refcount: 1, mapcount: 0 },
      to: { refcount: 1, mapcount: -1 },
    },
    {
      name: 'migrate_vma_unmap',
      does: 'returns the 16 entries that are to move',
      calls: ['migrate_device_unmap'],
      ret: 16,
    },
    {
      name: 'migrate_device_unmap',
      does: 'takes the pages off their list, with no mapping left to undo',
      ret: 16,
      look: (world) => has(pfnOf(world, APP), 'lru')(world),
      from: true,
      to: false,
    },
    {
      name: 'folio_migrate_flags',
      does: 'marks the device’s page up to date as the old one was',
      look: (world) => has(VRAM_PFN, 'uptodate')(world),
      from: false,
      to: true,
    },
    {
      name: 'migrate_vma_finalize',
      does: 'maps the device’s pages by device private entries, and ends the migration',
      look: (world) => [entry(APP)(world), moving(world)],
      from: ['migration_write young|dirty', [16]],
      to: [ON_DEVICE, []],
    },
    {
      name: 'do_swap_page',
      does: 'hands the CPU’s read of device private entries on',
      calls: ['is_device_private_entry'],
      look: entry(APP),
      from: ON_DEVICE,
      to: BACK,
    },
    {
      name: 'is_device_private_entry',
      does: 'has the driver bring the page back, whose new place is RAM',
      look: (world) => pfnOf(world, APP) >= VRAM_PFN,
      from: true,
      to: false,
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

describe('device memory taken back by its driver', async () => {
  const trace = new Trace(
    await recordLab({
      version: '6.12',
      program: [...MEMORY, TO_DEVICE, '{ actor: admin, do: gpu0.unbind }'],
    }),
  );

  it.each<ExpectedCall>([
    {
      name: 'migrate_device_range',
      does: 'locks what is in use and unmaps it from its process',
      calls: ['migrate_device_unmap'],
      look: entry(APP),
      from: ON_DEVICE,
      // A device private entry has neither bit to remember.
      to: 'migration_write ',
    },
    {
      name: 'migrate_device_finalize',
      does: 'maps the pages in RAM; those of the device are free',
      look: (world) => [entry(APP)(world), world.at('pages', VRAM_PFN)?.refcount],
      from: ['migration_write ', 1],
      to: [BACK, 0],
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

describe('empty memory that a device fills', async () => {
  const trace = new Trace(
    await recordLab({ version: '6.12', program: [MEMORY[0] ?? '', TO_DEVICE] }),
  );

  it.each<ExpectedCall>([
    {
      name: 'migrate_vma_collect_hole',
      does: 'selects 16 pages that are not there',
      look: moving,
      from: [0],
      to: [16],
    },
    {
      // The driver's allocation and the entry: 1 + 1.
      name: 'migrate_vma_insert_page',
      does: 'maps 16 new pages of the device',
      ret: 16,
      look: (world) => [entry(APP)(world), world.at('pages', VRAM_PFN)?.refcount],
      from: ['none', 1],
      to: [ON_DEVICE, 2],
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

describe('a long pin of coherent device memory', async () => {
  const trace = new Trace(
    await recordLab({
      version: '6.12',
      devices: [
        '{ id: dmirror2, model: hmm-dmirror, type: coherent, range: { start: 0x140000000, size: 256MiB } }',
      ],
      program: [
        MEMORY[0] ?? '',
        '{ actor: app, do: dmirror2.open }',
        MEMORY[1] ?? '',
        '{ actor: app, do: dmirror2.migrate-to-dev, addr: 0x7f0000000000, npages: 16 }',
        '{ actor: app, do: pin, va: 0x7f0000000000, pages: 16, as: long, longterm: true, write: true }',
      ],
    }),
  );
  const inRam = (world: World) => pfnOf(world, APP) < 0x140000;

  it.each<ExpectedCall>([
    {
      name: 'migrate_device_coherent_folio',
      does: 'moves the pages to RAM, from where they are pinned',
      errno: undefined,
      look: inRam,
      from: false,
      to: true,
    },
    {
      name: 'migrate_device_pages',
      does: 'gives the pages in RAM the mapping of those of the device',
      look: (world) => {
        const [migration] = [...world.rows('migrate_vmas')];
        const to = migration?.dst[0]?.pfn;
        return to == null ? undefined : world.at('page_mappings', to)?.mapping.slice(0, 5);
      },
      from: undefined,
      to: 'anon:',
    },
    {
      name: 'folio_copy',
      does: 'copies their contents',
      look: (world) => {
        const [migration] = [...world.rows('migrate_vmas')];
        return world.at('page_contents', migration?.dst[0]?.pfn ?? -1)?.word;
      },
      from: undefined,
      to: 1,
    },
    {
      name: 'migrate_device_finalize',
      does: 'maps the pages in RAM',
      look: inRam,
      from: false,
      to: true,
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

describe('the calls of 4.14', async () => {
  const trace = new Trace(
    await recordLab({ version: '4.14', program: [...MEMORY, TO_DEVICE, READ] }),
  );

  it.each<ExpectedCall>([
    {
      name: 'hmm_devmem_add',
      does: 'finds a free range for the memory and maps it',
      errno: undefined,
      look: (world) => world.at('pages', VRAM_PFN)?.pgmap != null,
      from: false,
      to: true,
    },
    {
      name: 'migrate_vma',
      does: 'returns the 16 pages it migrated, which its driver found places for',
      ret: 16,
      look: mapped(APP, APP + 15),
      from: [true, true],
      to: [true, true],
    },
    {
      name: 'device_private_entry_fault',
      does: 'brings the pages back',
      look: (world) => pfnOf(world, APP) >= VRAM_PFN,
      from: true,
      to: false,
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

it('migrate_device_pfn_lock, of 7.2, takes a reference and the lock of the 16 pages in use', async () => {
  const program = [...MEMORY, TO_DEVICE, '{ actor: admin, do: gpu0.unbind }'];
  const trace = new Trace(await recordLab({ version: '7.2', program }));
  const call = trace.call('migrate_device_pfn_lock');
  // The mapping's reference and the range's: 1 + 1; free pages (0) are passed over.
  const look = (world: World) => [
    world.at('pages', VRAM_PFN)?.refcount,
    has(VRAM_PFN, 'locked')(world),
    world.at('pages', VRAM_PFN + 16)?.refcount,
  ];
  expect(trace.around(call, look)).toEqual({ from: [1, false, 0], to: [2, true, 0] });
});
