import { describe, expect, test } from 'vitest';
import { choose } from '../../../../src/main/bench/plugins/choose.ts';
import type { Found } from '../../../../src/main/bench/plugins/found.ts';
import { PackedFiles } from '../../../../src/main/plugins/packed.ts';
import { PluginHost } from '../../../../src/main/plugins/host.ts';
import { toyFiles, type Toy } from './toys.ts';

const host = await PluginHost.create();
const ID = 'org.example.toy';

function found(place: Found['place'], toy: Toy): Found {
  const bytes = Object.entries(toyFiles(toy)).map(
    ([path, text]) => [path, new TextEncoder().encode(text)] as const,
  );
  const read = host.read(new PackedFiles(`${place}-${toy.version ?? '1.0.0'}`, new Map(bytes)));
  if (!read.ok) throw new Error('the toy does not load');
  return { candidate: read.candidate, place };
}

function chosen(reference: { version?: string; sha256?: string } | undefined, ...here: Found[]) {
  const wanted = reference ? [{ reference: { id: ID, ...reference }, path: ['plugins', 0] }] : [];
  const { chosen, problems, ambiguous } = choose(wanted, here);
  return {
    place: chosen.map(({ candidate, place }) => `${place} ${candidate.origin.version}`).join(),
    said: problems.map(
      ({ path, message, severity = 'error' }) => `${severity} ${path.at(-1)}: ${message}`,
    ),
    ambiguous: [...ambiguous.keys()],
  };
}

describe('choose', () => {
  const shipped = found('shipped', { version: '1.2.0' });
  const old = found('installed', { version: '1.0.0' });
  const newer = found('installed', { version: '2.0.0' });

  test('takes the best place, then the highest version', () => {
    expect(chosen(undefined, newer, shipped, old).place).toBe('shipped 1.2.0');
    expect(chosen(undefined, old, newer).place).toBe('installed 2.0.0');
    const named = found('named', { version: '0.1.0' });
    expect(chosen(undefined, shipped, named).place).toBe('named 0.1.0');
  });

  test('takes the version, the range or the hash that an entry asks for, wherever it is', () => {
    expect(chosen({ version: '^2.0' }, shipped, old, newer)).toMatchObject({
      place: 'installed 2.0.0',
      said: [],
    });
    expect(chosen({ version: '1.0.0' }, shipped, old, newer)).toMatchObject({
      place: 'installed 1.0.0',
      said: [],
    });
    expect(chosen({ version: '1.x' }, shipped, old, newer)).toMatchObject({
      place: 'shipped 1.2.0',
      said: [],
    });
    const { sha256 } = old.candidate.origin;
    expect(chosen({ sha256 }, shipped, old, newer)).toMatchObject({
      place: 'installed 1.0.0',
      said: [],
    });
  });

  test('takes another than the one version a lab was made with, and warns', () => {
    expect(chosen({ version: '1.1.0' }, shipped, old)).toMatchObject({
      place: 'shipped 1.2.0',
      said: [`warning version: the lab was made with ${ID} 1.1.0; this is 1.2.0`],
    });
    expect(chosen({ version: '1.2.0', sha256: 'b'.repeat(64) }, shipped)).toMatchObject({
      place: 'shipped 1.2.0',
      said: [`warning sha256: ${ID} 1.2.0 here is not the one the lab was made with`],
    });
  });

  test('takes nothing where a range is not met, and says what there is and what can be done', () => {
    const { place, said } = chosen({ version: '>=3' }, shipped, old);
    expect(place).toBe('');
    expect(said).toEqual([
      expect.stringMatching(
        /^error version: no org.example.toy that is here is >=3; there is 1.2.0, 1.0.0: install the plugin/,
      ),
    ]);
    expect(chosen({ version: 'new' }, shipped).said).toEqual([
      'error version: "new" is neither a version, such as 1.0.0, nor a range, such as ^1.0',
    ]);
    expect(chosen({}).said).toEqual([
      expect.stringMatching(
        /^error id: plugin org.example.toy is not here: install the plugin .*--plugin.*--without-plugin/,
      ),
    ]);
  });

  test('tells two of one id apart by nothing but what the user says', () => {
    const [one, other] = [found('installed', { answer: 1 }), found('installed', { answer: 2 })];
    const { place, said } = chosen({ version: '1.0.0' }, one, other);
    expect(place).toBe('');
    expect(said).toHaveLength(1);
    for (const { candidate } of [one, other]) {
      expect(said[0]).toContain(candidate.origin.sha256.slice(0, 12));
    }
    expect(chosen(undefined, one, other)).toMatchObject({ place: '', said: [], ambiguous: [ID] });
    const { sha256 } = other.candidate.origin;
    expect(chosen({ sha256 }, one, other)).toMatchObject({ place: 'installed 1.0.0', said: [] });
  });

  test('one plugin in two places is no ambiguity', () => {
    expect(
      chosen(undefined, found('named', {}), found('named', {}), found('installed', {})),
    ).toMatchObject({
      place: 'named 1.0.0',
      ambiguous: [],
    });
  });
});
