// What plugins/api.d.ts says of callbacks and of `k`, against the engine and the sandbox.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { valuesOf } from '../../../src/main/engine/core/era/switch.ts';
import { SWITCHES } from '../../../src/main/engine/core/era/switches.ts';
import { resolveVersion } from '../../../src/main/engine/core/era/version.ts';
import { readManifest } from '../../../src/main/plugins/manifest.ts';
import { formatPluginProblem } from '../../../src/main/plugins/problem.ts';
import { apiTypes } from '../../../src/shared/plugins/api-types.ts';
import { CALLBACKS, type CallbackDeclaration } from '../../../src/shared/plugins/callbacks.ts';
import { ARCH_CONSTANT_NAMES, deviceFacts } from '../../../src/shared/plugins/surroundings.ts';
import { manifest, ModelRun, toyModel } from './model-run.ts';

const ENGINE = join(import.meta.dirname, '../../../src/main/engine');
const engine = globSync('**/*.ts', { cwd: ENGINE })
  .map((path) => readFileSync(join(ENGINE, path), 'utf8'))
  .join('\n');
const types = ts.createSourceFile('api.d.ts', apiTypes(), ts.ScriptTarget.Latest);

function membersOf(name: string): string[] {
  const found = types.statements.find(
    (one) => ts.isInterfaceDeclaration(one) && one.name.text === name,
  );
  if (!found || !ts.isInterfaceDeclaration(found)) return [];
  return [...new Set(found.members.map((member) => member.name?.getText(types) ?? ''))];
}

const DECLARED = Object.entries<CallbackDeclaration>(CALLBACKS).map(
  ([name, declared]) => [name, declared] as const,
);

describe('every callback of the plugin API', () => {
  it.each(DECLARED)('%s says what it is, and is called by the engine', (name, declared) => {
    const { title, description, was, since, until, args } = declared;
    for (const text of [title, description]) expect(text).toMatch(/^\S.*\S$/);
    for (const field of Object.values(args.shape)) {
      expect(z.globalRegistry.get(field)?.description).toMatch(/^\S.*\S$/);
    }
    for (const release of [since, until]) {
      if (release !== undefined) expect(resolveVersion(release)).not.toHaveProperty('problem');
    }
    const call = new RegExp(`(driverCallback\\(k, [\\w.]+|modelFunction\\(device), '${name}'`);
    expect(engine).toMatch(call);
    if (was !== undefined) {
      const names = Object.values(SWITCHES).map(valuesOf);
      expect(names).toContainEqual([was, name]);
    }
  });

  test('stands in the public types, and nothing else does', () => {
    expect(membersOf('Callbacks')).toEqual(DECLARED.map(([name]) => name));
  });

  test('is the only one a manifest may list: another is told with its place', () => {
    const listed = (callback: string) => {
      const read = readManifest(manifest({}, { callbacks: ['probe', callback] }), 'm.json');
      return read.ok ? [] : read.problems.map(formatPluginProblem);
    };
    expect(listed('folio_free')).toEqual([]);
    expect(listed('folio_fre')).toEqual([
      expect.stringMatching(
        /^m\.json:\d+:\d+: .*is "folio_fre"; expected one of .*; did you mean `folio_free`\?$/,
      ),
    ]);
    expect(listed('direct_access')[0]).toContain('is "direct_access"; expected one of ');
  });
});

describe('k', () => {
  test('has in the sandbox what its type says, the services of this run beside', async () => {
    const names = async (of: string) => {
      const run = new ModelRun(await toyModel(`return Object.keys(${of}).join();`));
      return String(run.act()).split(',').sort();
    };
    expect(await names('k')).toEqual([...membersOf('Kernel'), 'double'].sort());
    expect(await names('k.arch')).toEqual([...ARCH_CONSTANT_NAMES].sort());
    const device = Object.keys(deviceFacts.unwrap().shape);
    expect(membersOf('Device')).toEqual(device);
    expect(await names('k.device')).toEqual(expect.arrayContaining(device));
  });
});
