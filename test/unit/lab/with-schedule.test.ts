import { describe, expect, test } from 'vitest';
import { parseLab } from '../../../src/shared/lab/parse.ts';
import { withSchedule } from '../../../src/shared/lab/with-schedule.ts';

const HEAD = `# a lab
pfnlab: 1
kernel: { version: "6.12", arch: x86_64 } # this one
machine:
  memory:
    - { start: 0x0, end: 0x0009fbff, type: usable }
`;
const PROGRAM = `program:
  - boot
`;
const CHOICES = [
  { step: 3, actor: 'app' },
  { step: 7, actor: 'swapper/0' },
];
const WRITTEN = `# Found
schedule:
  - { step: 3, actor: app }
  - { step: 7, actor: swapper/0 }
`;

describe('lab/with-schedule', () => {
  test('writes it before the program and leaves the rest as it is', () => {
    const text = withSchedule(HEAD + PROGRAM, CHOICES, 'Found');
    expect(text).toBe(HEAD + WRITTEN + PROGRAM);
    expect(parseLab(text, 'f').lab?.schedule).toEqual(CHOICES);
  });

  test('replaces the one that was there, wherever it stands', () => {
    const old = 'schedule:\n  - { step: 9, actor: old }\n';
    expect(withSchedule(HEAD + old + PROGRAM, CHOICES, 'Found')).toBe(HEAD + WRITTEN + PROGRAM);
    expect(withSchedule(HEAD + PROGRAM + old, CHOICES, 'Found')).toBe(HEAD + PROGRAM + WRITTEN);
    const flow = 'schedule: [ { step: 9, actor: old } ]\n';
    expect(withSchedule(HEAD + flow + PROGRAM, CHOICES, 'Found')).toBe(HEAD + WRITTEN + PROGRAM);
  });

  test('without choices the schedule goes', () => {
    expect(withSchedule(HEAD + 'schedule: sequential\n' + PROGRAM, [], '')).toBe(HEAD + PROGRAM);
    expect(withSchedule(HEAD + PROGRAM, [], '')).toBe(HEAD + PROGRAM);
  });

  test('a name that YAML would read as something else is quoted', () => {
    const text = withSchedule(HEAD + PROGRAM, [{ step: 1, actor: 'a: b' }], '');
    expect(parseLab(text, 'f').lab?.schedule).toEqual([{ step: 1, actor: 'a: b' }]);
  });

  test('a lab in braces keeps its values', () => {
    const text = withSchedule(`{ pfnlab: 1, seed: 0x10, program: [boot] }\n`, CHOICES, 'Found');
    expect(text).toContain('0x10');
    expect(text).toContain('step: 3');
  });
});
