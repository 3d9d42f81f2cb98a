import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HASH_FORMAT } from '../../../src/main/engine/core/world/hash.ts';
import { Cursor } from '../../../src/main/engine/core/world/timeline.ts';
import { SHARED_VERSION } from '../../../src/main/sessions/schema.ts';
import { openShared } from '../../../src/main/sessions/share.ts';
import { readSharedFile } from '../../../src/main/sessions/shared-file.ts';

const fixture = (version: number) =>
  join(import.meta.dirname, `../../fixtures/recordings/v${version}.pfnlab`);

test('every version of the shared file that this build reads has a frozen fixture', () => {
  for (let version = 1; version <= SHARED_VERSION; version += 1) {
    expect(existsSync(fixture(version))).toBe(true);
    const bytes = readSharedFile(fixture(version));
    expect(bytes.ok && bytes.value.readUInt32BE(60)).toBe(version);
  }
});

test('version 1 opens as it was written, step by step', () => {
  const before = readFileSync(fixture(1));
  const opened = openShared(fixture(1));
  if (!opened.ok) throw new Error(opened.failure.message);
  const { info, source, bookmarks, notes, close } = opened.value;
  expect(info).toMatchObject({
    title: 'every kind of step',
    labText: 'pfnlab: 1\ntitle: every kind of step\n',
    kernel: '6.12',
    status: 'complete',
    steps: 508,
    position: 77,
    view: '{"panes":["map"]}',
    finalHash: '477f039e36b6c595f36b6f3216c9ae68',
    hashFormat: 1,
  });
  expect(info.plugins[0]?.id).toBe('org.example.gone');
  expect(bookmarks).toMatchObject([{ seq: 33, title: 'a bookmark' }]);
  expect(notes).toMatchObject([{ seq: 34, text: 'a note' }]);

  const steps = Array.from({ length: source.length }, (_, index) => source.step(index + 1));
  const exact = (_name: string, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : value;
  const digest = createHash('sha256').update(JSON.stringify(steps, exact)).digest('hex');
  expect(digest).toBe('f6858e0c4ad801b31526308a98cc55f4b7c800407143852a89d42b4d3334f018');

  const cursor = new Cursor(source, source.length);
  // Under another hash format the same records have another hash.
  if (info.hashFormat === HASH_FORMAT) expect(cursor.hashText()).toBe(info.finalHash);
  cursor.seek(0);
  expect(cursor.world.store.size).toBe(0);
  close();
  expect(readFileSync(fixture(1)).equals(before)).toBe(true);
});

const labs = join(import.meta.dirname, '../../fixtures/recordings/labs');

test.each(readdirSync(labs))(
  'a lab recorded by an earlier build opens to its last state: %s',
  (name) => {
    const opened = openShared(join(labs, name));
    if (!opened.ok) throw new Error(opened.failure.message);
    const { info, source, close } = opened.value;
    const cursor = new Cursor(source, source.length);
    if (info.hashFormat === HASH_FORMAT) expect(cursor.hashText()).toBe(info.finalHash);
    cursor.seek(0);
    expect(cursor.world.store.size).toBe(0);
    close();
  },
);
