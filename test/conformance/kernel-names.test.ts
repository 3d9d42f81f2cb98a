// Names are of their time: what a step is called stands in the source of that kernel. The releases of
// test/fixtures/kernel-names.json were read (scripts/kernel-names.mjs); some of the labs that ship run
// under each of them.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBatch } from '../../src/main/bench/batch/run.ts';

const root = resolve(import.meta.dirname, '../..');
const { releases, names } = JSON.parse(
  readFileSync(join(root, 'test/fixtures/kernel-names.json'), 'utf8'),
) as { releases: string[]; names: Record<string, string> };

const LABS = [
  'auto-movable',
  'claim-driver-cannot-block',
  'claim-free-at-one',
  'claim-three-classes',
  'claim-unbind-evicts',
  'dax-poison',
  'devdax-mmap',
  'dma-mixed-list',
  'fork-cow',
  'hmm-tests/anon_write_child_shared.private',
  'hmm-tests/exclusive.private',
  'hmm-tests/migrate_anon_huge_zero.private',
  'longterm-pin-leaves-movable',
  'p2pmem-allocate',
];

/** In files that were not read. */
const NOT_READ = ['arch_numa_init', 'kernel_init_freeable', 'kernfs_fop_mmap', 'path_mount'];

/** Steps under names of other releases: this list only gets shorter. */
const STILL_WRONG: Readonly<Record<string, readonly string[]>> = {
  // Most of these are a part of their caller there.
  '5.10.262': [
    '__init_zone_device_page',
    'adjust_present_page_count',
    'calc_map_type_and_dist',
    'dax_fault_check_fallback',
    'dax_set_mapping',
    'hotadd_init_pgdat',
    'madvise_update_vma',
    'make_device_exclusive',
    'memmap_init_reserved_pages',
    'memory_block_offline',
    'memory_block_online',
    'mhp_supports_memmap_on_memory',
    'percpu_ref_tryget_live_rcu',
    'xfs_fs_fill_super',
  ],
  // 6.1.116 unmaps and moves in two functions, one folio after the other.
  '6.1.192': ['alloc_offline_node_data', 'get_user_page_vma_remote', 'unmap_and_move'],
};

/** Names of the kernel functions that a lab calls under a release; undefined where it cannot run. */
async function called(name: string, release: string): Promise<Set<string> | undefined> {
  const text = readFileSync(join(root, 'labs', `${name}.lab.yaml`), 'utf8');
  const version = text.replace(/version: "[^"]+"/, `version: "${release}"`);
  const batch = await runBatch(name, version, root);
  if (!batch.ok) return undefined;
  const { log } = batch.value.execution;
  const found = new Set<string>();
  for (let seq = 1; seq <= log.length; seq += 1) {
    const { fn, kind, basis } = log.step(seq);
    if (kind === 'call' && basis === 'kernel') found.add(fn);
  }
  return found;
}

describe('names of the steps', () => {
  it.each(releases)('stand in the source of %s', async (release) => {
    const at = releases.indexOf(release);
    const wrong = new Set<string>();
    let ran = 0;
    for (const lab of LABS) {
      const found = await called(lab, release);
      if (!found) continue;
      ran += 1;
      for (const name of found) if (names[name]?.[at] === '0') wrong.add(name);
    }
    expect(ran).toBe(LABS.length);
    expect([...wrong].sort()).toEqual(STILL_WRONG[release] ?? []);
  });

  it('are all looked up', async () => {
    const unknown = new Set<string>();
    for (const lab of LABS) {
      for (const name of (await called(lab, '6.12.117')) ?? []) {
        const word = /^[A-Za-z_]\w*$/.test(name);
        if (word && !(name in names) && !NOT_READ.includes(name)) unknown.add(name);
      }
    }
    expect([...unknown]).toEqual([]);
  });
});
