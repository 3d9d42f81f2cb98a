import { describe, expect, test } from 'vitest';
import { prepareLab } from '../../../../src/main/bench/session/sessions.ts';
import type { PluginSet } from '../../../../src/main/plugins/host.ts';
import { SMALL_LAB } from '../booted.ts';

const HERE = 'a'.repeat(64);
const plugins: PluginSet = {
  plugins: [{ origin: { id: 'org.example.toy', version: '1.0.0', sha256: HERE } } as never],
  models: new Map(),
  problems: [],
};

function problemsWith(reference: string): string[] {
  const text = `${SMALL_LAB}plugins:\n  - ${reference}\n`;
  return prepareLab('small.lab.yaml', text, plugins).problems.map(
    ({ severity, line, message }) => `${severity} ${line}: ${message}`,
  );
}

describe('bench/plugin-references', () => {
  const line = SMALL_LAB.split('\n').length + 1;

  test('the very plugin the lab names is no problem', () => {
    expect(problemsWith(`{ id: org.example.toy, version: 1.0.0, sha256: ${HERE} }`)).toEqual([]);
  });

  test('a plugin that is not here stops the run, at its place in the file', () => {
    expect(problemsWith('{ id: org.example.gone, version: 1.0.0 }')).toEqual([
      `error ${line}: plugin org.example.gone is not here`,
    ]);
  });

  test('another version or other contents are a warning', () => {
    expect(problemsWith('{ id: org.example.toy, version: 2.0.0 }')).toEqual([
      `warning ${line}: the lab was made with org.example.toy 2.0.0; this is 1.0.0`,
    ]);
    expect(
      problemsWith(`{ id: org.example.toy, version: 1.0.0, sha256: ${'b'.repeat(64)} }`),
    ).toEqual([`warning ${line}: org.example.toy 1.0.0 here is not the one the lab was made with`]);
  });
});
