import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveEra } from '../../../src/main/engine/core/era/era.ts';
import { SUBJECTS, SWITCHES, type SwitchName } from '../../../src/main/engine/core/era/switches.ts';
import { valueAt, type Change, type EraSwitch } from '../../../src/main/engine/core/era/switch.ts';
import {
  compareVersions,
  MODELLED_RELEASES,
  parseVersion,
  resolveVersion,
  type KernelVersion,
} from '../../../src/main/engine/core/era/version.ts';
import { ARCHITECTURES } from '../../../src/shared/lab/architecture.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DIGESTS = join(ROOT, 'test/fixtures/switch-values.json');

function era(text: string) {
  const resolved = resolveVersion(text);
  if ('problem' in resolved) throw new Error(resolved.problem);
  return resolveEra(text, resolved, 'x86_64');
}

const all = Object.entries(SWITCHES);
const changes = all.flatMap(([name, one]) =>
  one.changes.map((change): [string, Change] => [name, change]),
);
const older = (a: string, b: string): boolean =>
  compareVersions(parseVersion(a), parseVersion(b)) < 0;

const MAINLINE = [
  ...Array.from({ length: 18 }, (_, at) => `4.${at + 3}.0`),
  ...Array.from({ length: 20 }, (_, at) => `5.${at}.0`),
  ...Array.from({ length: 20 }, (_, at) => `6.${at}.0`),
  ...['7.0.0', '7.1.0', '7.2.0'],
];

/** Every mainline release, and stable ones around each backport of a switch. */
function versions({ changes: made }: EraSwitch): KernelVersion[] {
  const stable = made.flatMap(({ backports = [] }) =>
    backports.flatMap((text) => {
      const { major, minor, point } = parseVersion(text);
      return [point - 1, point, point + 1, 999].map((near) => `${major}.${minor}.${near}`);
    }),
  );
  return [...MAINLINE, ...stable.sort()].map(parseVersion);
}

/** What changed the value of a switch or belongs to it, by commit title. */
function cited(): [string, string][] {
  return all.flatMap(([, { changes: made, also = {} }]) => [
    ...made.flatMap(({ commit, release }) =>
      [commit].flat().map((title): [string, string] => [title, release]),
    ),
    ...Object.entries(also).map(([release, title]): [string, string] => [title, release]),
  ]);
}

/** The text of all that may ask a switch: the engine without their declarations, the models and their library. */
function askers(): string {
  return ['src/main/engine', 'src/main/plugins/library', 'plugins']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => /\.[jt]s$/.test(file) && !file.includes(join('core', 'era')))
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n');
}

describe('era/switches', () => {
  it('have the values they had: a digest of each over releases, backports and architectures', () => {
    const expected: unknown = JSON.parse(readFileSync(DIGESTS, 'utf8'));
    const digests = all.map(([name, one]) => {
      const values = ARCHITECTURES.map((arch) =>
        versions(one).map((version) => valueAt(one, { version, arch })),
      );
      const digest = createHash('sha256').update(JSON.stringify(values)).digest('hex');
      return [name, digest.slice(0, 12)];
    });
    expect(Object.fromEntries(digests)).toEqual(expected);
  });

  it('are named once, say what they are about, and are asked somewhere', () => {
    const names = Object.values(SUBJECTS).flatMap(({ switches }) => Object.keys(switches));
    expect(new Set(names).size).toBe(names.length);
    expect(all.filter(([, { title }]) => !/\w{2}/.test(title))).toEqual([]);
    const text = askers();
    expect(names.filter((name) => !text.includes(`'${name}'`))).toEqual([]);
  });

  it('change at releases that ascend, and each change gives somebody another value', () => {
    for (const [name, one] of all) {
      const { changes: made } = one;
      const descends = made.filter(({ release }, at) =>
        older(release, made[at - 1]?.release ?? '0.0'),
      );
      expect([name, descends]).toEqual([name, []]);
      const idle = made.filter((change) => {
        const before = { ...one, changes: made.filter((other) => other !== change) };
        const version = parseVersion(change.release);
        return ARCHITECTURES.every(
          (arch) => valueAt(one, { version, arch }) === valueAt(before, { version, arch }),
        );
      });
      expect([name, idle]).toEqual([name, []]);
    }
  });

  it('cite each commit with one release, and backports to series below it', () => {
    const releases = new Map<string, Set<string>>();
    for (const [title, release] of cited()) {
      expect(title).toMatch(/\w{2}/);
      releases.set(title, (releases.get(title) ?? new Set()).add(release));
    }
    expect([...releases].filter(([, found]) => found.size > 1)).toEqual([]);
    const above = changes.filter(([, { release, backports = [] }]) =>
      backports.some((text) => !/^\d+\.\d+\.[1-9]\d*$/.test(text) || !older(text, release)),
    );
    expect(above).toEqual([]);
  });

  it('say of an unconfirmed release which one had it not, and which one had it', () => {
    const outside = changes.filter(([, { release, between }]) => {
      if (!between) return false;
      const [without, having] = between;
      return !older(without, release) || older(having, release);
    });
    expect(outside).toEqual([]);
  });

  it('know when the boot changed', () => {
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

describe('resolveVersion', () => {
  it('tells of a kernel newer than any that was read that it is an assumption', () => {
    const assumptionOf = (text: string): string | undefined => {
      const resolved = resolveVersion(text);
      return 'problem' in resolved ? resolved.problem : resolved.assumption;
    };
    const newest = MODELLED_RELEASES.at(-1) ?? '';
    const { major, minor } = parseVersion(newest);
    expect(assumptionOf(newest)).toBeUndefined();
    expect(assumptionOf(`${newest}.5`)).toBeUndefined();
    expect(assumptionOf(`${major}.${minor + 1}`)).toContain(`newer than ${newest}`);
    expect(assumptionOf(`${major + 1}.0`)).toContain(`newer than ${newest}`);
  });
});
