import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PluginHost } from '../../../src/main/plugins/host.ts';
import { PACKED_LIMITS, packFiles, readPacked } from '../../../src/main/plugins/packed.ts';
import { readTar, writeTar } from '../../../src/main/plugins/tar.ts';
import { manifest, moduleWith, pluginFolder } from './model-run.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const filesOf = (texts: Readonly<Record<string, string>>) =>
  new Map(Object.entries(texts).map(([path, text]) => [path, bytesOf(text)]));
const TOY = { 'pfnlab-plugin.json': manifest(), 'index.js': moduleWith('return 1;') };

function problemOf(bytes: Uint8Array): string {
  const read = readPacked('toy.tgz', bytes);
  return read.ok ? 'it was read' : read.problem.message;
}

/** What GNU tar makes of a folder: the other end of the format. */
function gnuTar(folder: string, ...args: string[]): Uint8Array {
  const file = join(mkdtempSync(join(tmpdir(), 'pfnlab-tar-')), 'made.tgz');
  execFileSync('tar', ['-czf', file, '-C', folder, ...args]);
  return readFileSync(file);
}

describe('packFiles', () => {
  it('gives the same bytes for the same files, in whatever order they come', () => {
    const backwards = Object.fromEntries(Object.entries(TOY).reverse());
    expect(packFiles(filesOf(TOY))).toEqual(packFiles(filesOf(backwards)));
    expect(packFiles(filesOf(TOY))).not.toEqual(
      packFiles(filesOf({ ...TOY, 'index.js': moduleWith('return 2;') })),
    );
  });

  it('makes what tar lists and unpacks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pfnlab-tar-'));
    const long = `${'a'.repeat(90)}/${'b'.repeat(60)}.js`;
    writeFileSync(join(folder, 'p.tgz'), packFiles(filesOf({ ...TOY, [long]: 'long' })));
    execFileSync('tar', ['-xzf', 'p.tgz'], { cwd: folder });
    expect(readFileSync(join(folder, 'index.js'), 'utf8')).toBe(TOY['index.js']);
    expect(readFileSync(join(folder, long), 'utf8')).toBe('long');
  });
});

describe('readPacked', () => {
  it('reads what packFiles made, and what tar made of the folder, as the plugin of the folder', async () => {
    const host = await PluginHost.create();
    const folder = pluginFolder(TOY['pfnlab-plugin.json'], TOY['index.js']);
    const loaded = host.load(folder);
    const hash = loaded.ok ? loaded.plugin.origin.sha256 : 'not loaded';
    for (const bytes of [
      packFiles(filesOf(TOY)),
      gnuTar(folder, '.'),
      gnuTar(join(folder, '..'), 'toy'),
    ]) {
      const read = readPacked('toy.tgz', bytes);
      if (!read.ok) throw new Error(read.problem.message);
      const packed = host.load(read.files);
      expect(packed.ok && packed.plugin.origin.sha256).toBe(hash);
    }
  });

  it('takes no links, and says which file it is', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pfnlab-tar-'));
    symlinkSync('/etc/passwd', join(folder, 'index.js'));
    expect(problemOf(gnuTar(folder, '.'))).toBe('it holds a symbolic link, "./index.js"');
  });

  it.each([
    '../index.js',
    '/etc/index.js',
    'a/../../index.js',
    'a//b.js',
    'a/./b.js',
    '.hidden/x',
    'a\\b',
  ])('takes no path %s', (path) => {
    const bytes = packFiles(filesOf({ ...TOY, [path]: 'x' }));
    expect(problemOf(bytes)).toBe(
      `it holds the path ${JSON.stringify(path)}; only plain names below its top are taken`,
    );
  });

  it('takes no path twice', () => {
    const [once, twice] = [writeTar(filesOf(TOY)), writeTar(filesOf({ 'index.js': 'other' }))];
    const both = Buffer.concat([once.subarray(0, once.length - 1024), twice]);
    expect(problemOf(gzipSync(both))).toBe('it holds "index.js" twice');
  });

  it('unpacks no more than it may, however small the file', () => {
    const bomb = gzipSync(new Uint8Array(PACKED_LIMITS.unpacked + 1));
    expect(bomb.length).toBeLessThan(PACKED_LIMITS.packed);
    expect(problemOf(bomb)).toBe(`it unpacks to more than ${PACKED_LIMITS.unpacked} bytes`);
    const crowd = Array.from({ length: PACKED_LIMITS.files + 1 }, (_, at) => [`f${at}`, '']);
    expect(problemOf(packFiles(filesOf(Object.fromEntries(crowd))))).toBe(
      `it holds more than ${PACKED_LIMITS.files} files`,
    );
  });

  it('says of anything else that it is no .tgz file', () => {
    const damaged = 'this is no .tgz file, or a damaged one';
    expect(problemOf(bytesOf('no'))).toBe(damaged);
    expect(problemOf(gzipSync(bytesOf('x'.repeat(2000))))).toBe(damaged);
    const whole = writeTar(filesOf(TOY));
    expect(problemOf(gzipSync(whole.subarray(0, whole.length - 1024 - 512)))).toBe(
      'it ends inside "index.js"',
    );
  });
});

describe('readTar', () => {
  it('reads any cut or flipped archive to an end, and never a path that is not there', () => {
    const whole = writeTar(filesOf(TOY));
    for (let at = 0; at < whole.length; at += 97) {
      expect(readTar(whole.subarray(0, at), 8).ok).toBe(at >= whole.length - 1024 + 512);
      const flipped = Uint8Array.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 0x40;
      const read = readTar(flipped, 8);
      if (read.ok) expect(read.entries.map(({ path }) => path)).toEqual(Object.keys(TOY));
    }
  });

  it('leaves out what is said of a file besides its content', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pfnlab-tar-'));
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub', 'a.txt'), 'a');
    const read = readPacked(
      'p.tgz',
      gnuTar(folder, '--format=pax', '--pax-option=comment=hello', 'sub'),
    );
    expect(read.ok && read.files.list()).toEqual(['a.txt']);
  });
});
