import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assetPath, readStaticFile } from '../../../src/main/shells/static-files.ts';

let base: string;
let folder: string;

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'pfnlab-static-'));
  folder = join(base, 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<title>pfnlab</title>');
  writeFileSync(join(folder, 'assets', 'index-a_B-1.js'), 'export {};');
  writeFileSync(join(base, 'secret.json'), '{}');
  symlinkSync(join(base, 'secret.json'), join(folder, 'assets', 'link.json'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('static files', () => {
  test('the top is index.html, and files have their own types', async () => {
    expect(await readStaticFile(folder, '/')).toEqual({
      type: 'text/html; charset=utf-8',
      body: Buffer.from('<title>pfnlab</title>'),
    });
    const script = await readStaticFile(folder, '/assets/index-a_B-1.js');
    expect(script?.type).toBe('text/javascript; charset=utf-8');
  });

  test.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/assets/../../secret.json',
    '/assets/..%2f..%2fsecret.json',
    '/..\\secret.json',
    '/%5c..%5csecret.json',
    '//secret.json',
    '/./index.html',
    '/.hidden.json',
    '/index.html%00.js',
    '/%',
    '/C:/secret.json',
    'index.html',
    '/assets/',
    '/assets/index-a_B-1.map',
  ])('%s names no file of the window', async (path) => {
    expect(assetPath(path)).toBeUndefined();
    expect(await readStaticFile(folder, path)).toBeUndefined();
  });

  test('a link that leads out of the folder is not followed', async () => {
    expect(assetPath('/assets/link.json')).toBe('assets/link.json');
    expect(await readStaticFile(folder, '/assets/link.json')).toBeUndefined();
  });

  test('a file that is not there is none', async () => {
    expect(await readStaticFile(folder, '/assets/other.js')).toBeUndefined();
  });
});
