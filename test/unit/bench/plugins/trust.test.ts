import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TrustRecord } from '../../../../src/main/bench/plugins/trust.ts';
import { tempFolder } from './toys.ts';

const ORIGIN = { id: 'org.example.toy', version: '1.0.0', sha256: 'a'.repeat(64) };
const OTHER = { ...ORIGIN, sha256: 'b'.repeat(64) };

function recordIn(data: string): TrustRecord {
  return new TrustRecord(data);
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('TrustRecord', () => {
  test('keeps hashes for the next start, and forgets the one it is asked to', () => {
    const data = join(tempFolder('home'), 'data');
    recordIn(data).trust(ORIGIN);
    recordIn(data).trust(OTHER);
    expect([...recordIn(data).trusted().hashes]).toEqual([ORIGIN.sha256, OTHER.sha256]);
    recordIn(data).distrust(ORIGIN.sha256);
    expect([...recordIn(data).trusted().hashes]).toEqual([OTHER.sha256]);
  });

  test.skipIf(process.platform === 'win32')('is its owner’s alone', () => {
    const data = join(tempFolder('home'), 'data');
    recordIn(data).trust(ORIGIN);
    expect(mode(data)).toBe('700');
    expect(mode(recordIn(data).path)).toBe('600');
  });

  test.skipIf(process.platform === 'win32')(
    'counts for nothing where others may write to it',
    () => {
      const data = tempFolder('data');
      const record = recordIn(data);
      record.trust(ORIGIN);
      chmodSync(record.path, 0o666);
      expect(record.trusted().hashes.size).toBe(0);
      expect(record.trusted().problem).toContain('others may write to the record');
      expect(() => record.trust(OTHER)).toThrow('others may write to the record');
    },
  );

  test('that cannot be read trusts nobody, says so, and is not written over', () => {
    const record = recordIn(tempFolder('data'));
    writeFileSync(record.path, '{ "pfnlab_trusted": 1, "plugins": [', { mode: 0o600 });
    expect(record.trusted().hashes.size).toBe(0);
    expect(record.trusted().problem).toMatch(/trusted-plugins\.json: this is no record/);
    expect(() => record.trust(ORIGIN)).toThrow('remove it to trust plugins anew');
    expect(readFileSync(record.path, 'utf8')).toContain('"plugins": [');
  });
});
