import { describe, expect, it } from 'vitest';
import { overrideProblem } from '../../../src/main/engine/core/era/override.ts';
import {
  hasChange,
  since,
  steps,
  until,
  valueAt,
  valuesOf,
  type EraSwitch,
  type SwitchValue,
} from '../../../src/main/engine/core/era/switch.ts';
import { parseVersion } from '../../../src/main/engine/core/era/version.ts';
import type { Architecture } from '../../../src/shared/lab/architecture.ts';

function values(one: EraSwitch, versions: string, arch: Architecture = 'x86_64'): SwitchValue[] {
  return versions.split(' ').map((text) => valueAt(one, { version: parseVersion(text), arch }));
}

describe('era/switch', () => {
  it('since is false, and true from the release and its backports on', () => {
    const one = since('5.3', { title: 'it', commit: 'do it', backports: ['5.1.4'] });
    expect(values(one, '5.0.9 5.1.3 5.1.4 5.2.9 5.3 6.1')).toEqual([
      false,
      false,
      true,
      false,
      true,
      true,
    ]);
  });

  it('until is true, and false from the release on', () => {
    expect(values(until('5.18', { title: 'it', commit: 'end it' }), '5.17.9 5.18')).toEqual([
      true,
      false,
    ]);
  });

  it('steps has the value of the last change a kernel carries', () => {
    const one = steps({
      title: 'it',
      first: 'none',
      '4.14': { to: 'one', commit: 'begin' },
      '5.4': { to: 'two', commit: 'go on', backports: ['4.19.7'] },
    });
    expect(values(one, '4.13 4.14 4.19.6 4.19.7 4.20 5.4')).toEqual([
      'none',
      'one',
      'one',
      'two',
      'one',
      'two',
    ]);
    expect(valuesOf(one)).toEqual(['none', 'one', 'two']);
  });

  it('steps may begin otherwise on an architecture, and change on some only', () => {
    const one = steps({
      title: 'it',
      first: { arm64: true, others: false },
      '5.14': [
        { to: false, commit: 'drop it', arch: ['arm64'] },
        { to: true, commit: 'take it', arch: ['ppc64'] },
      ],
    });
    expect(values(one, '5.13 5.14', 'arm64')).toEqual([true, false]);
    expect(values(one, '5.13 5.14', 'ppc64')).toEqual([false, true]);
    expect(values(one, '5.13 5.14', 'x86_64')).toEqual([false, false]);
    const [dropped] = one.changes;
    const version = parseVersion('6.1');
    expect(dropped && hasChange(dropped, { version, arch: 'arm64' })).toBe(true);
    expect(dropped && hasChange(dropped, { version, arch: 'x86_64' })).toBe(false);
  });

  it('overrideProblem takes every value some kernel has, and no other', () => {
    expect(overrideProblem('fsdax_idle_refcount', 0)).toBeUndefined();
    expect(overrideProblem('fsdax_idle_refcount', 2)).toBe(
      'switch `fsdax_idle_refcount` is 1 or 0, not 2',
    );
    expect(overrideProblem('fsdax_idle_refcount', '1')).toBe(
      'switch `fsdax_idle_refcount` is 1 or 0, not "1"',
    );
    expect(overrideProblem('toString', true)).toContain('there is no switch `toString`');
  });
});
