import { describe, expect, it } from 'vitest';
import { resolveEra, type SwitchName } from '../../../src/main/engine/core/era/era.ts';
import { SWITCHES } from '../../../src/main/engine/core/era/switches.ts';
import { MODELLED_RELEASES, resolveVersion } from '../../../src/main/engine/core/era/version.ts';

function era(text: string) {
  const resolved = resolveVersion(text);
  if ('problem' in resolved) throw new Error(resolved.problem);
  return resolveEra(text, resolved, 'x86_64');
}

describe('era/switches', () => {
  it('each says what changed it, and decides for every modelled release', () => {
    for (const [name, { title, changed }] of Object.entries(SWITCHES)) {
      expect([name, title.length > 0, changed.length > 0]).toEqual([name, true, true]);
      for (const { commit, release } of changed) expect(`${commit}${release}`).toMatch(/\w+.*\d/);
      for (const release of MODELLED_RELEASES) {
        expect(era(release).get(name as SwitchName)).toBeDefined();
      }
    }
  });

  it('knows when the boot changed', () => {
    const at = (name: SwitchName, ...releases: string[]) =>
      releases.map((release) => era(release).get(name));
    expect(at('low_1m_reserved', '5.3', '5.14')).toEqual([false, true]);
    expect(at('section_flags', '4.3', '4.14', '5.3', '5.14')).toEqual([2, 3, 4, 5]);
    expect(at('hole_struct_pages', '4.14', '4.18', '5.10', '5.14')).toEqual([
      'walked',
      'zeroed',
      'zone0',
      'reserved',
    ]);
    expect(at('sparse_init_in_free_area_init', '6.18', '7.2')).toEqual([false, true]);
    expect(at('numa_node_min_size', '6.1', '6.1.192', '6.12')).toEqual([4 << 20, 0, 0]);
  });
});
