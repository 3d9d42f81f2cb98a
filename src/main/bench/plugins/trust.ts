import { lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { ModelOrigin } from '../../engine/kernel/device/model.ts';
import { writeWhole } from '../../sessions/share.ts';
import { SessionError } from '../../sessions/failure.ts';

const FILE = 'trusted-plugins.json';

const record = z.strictObject({
  pfnlab_trusted: z.literal(1),
  plugins: z.array(z.strictObject({ id: z.string(), version: z.string(), sha256: z.string() })),
});
type Entries = z.output<typeof record>['plugins'];

/** What is trusted, and why the record counts for nothing where it does. */
export interface Trusted {
  readonly hashes: ReadonlySet<string>;
  readonly problem?: string;
}

/**
 * The record of plugins whose code may run, in the user's data folder. Read each time it is asked:
 * another pfnlab may have written it.
 */
export class TrustRecord {
  readonly path: string;

  /** @param data the data folder; it need not exist */
  constructor(data: string) {
    this.path = join(data, FILE);
  }

  trusted(): Trusted {
    const read = this.entries();
    if (typeof read === 'string') return { hashes: new Set(), problem: `${this.path}: ${read}` };
    return { hashes: new Set(read.map(({ sha256 }) => sha256)) };
  }

  /** Trusts a plugin from now on. @throws SessionError where it cannot be written */
  trust({ id, version, sha256 }: ModelOrigin): void {
    this.write([...this.others(sha256), { id, version, sha256 }]);
  }

  /** Trusts a plugin no more. @throws SessionError */
  distrust(sha256: string): void {
    const { hashes } = this.trusted();
    if (hashes.has(sha256)) this.write(this.others(sha256));
  }

  private others(sha256: string): Entries {
    const read = this.entries();
    if (typeof read === 'string') {
      const message = `${read}; remove it to trust plugins anew`;
      throw new SessionError({ code: 'corrupt', message, path: this.path });
    }
    return read.filter((one) => one.sha256 !== sha256);
  }

  /** What the file holds; a sentence where it is not to be believed. */
  private entries(): Entries | string {
    let text: string;
    try {
      const stats = lstatSync(this.path);
      if (!stats.isFile()) return 'this is not a file';
      if (process.platform !== 'win32' && (stats.mode & 0o022) !== 0) {
        return 'others may write to the record of trusted plugins, so nothing in it counts (chmod 600)';
      }
      if (process.getuid && stats.uid !== process.getuid()) {
        return 'the record of trusted plugins belongs to another user, so nothing in it counts';
      }
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? [] : `it cannot be read (${code ?? String(error)})`;
    }
    try {
      return record.parse(JSON.parse(text)).plugins;
    } catch {
      return 'this is no record of trusted plugins, so nothing in it counts';
    }
  }

  private write(plugins: Entries): void {
    const folder = dirname(this.path);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const text = `${JSON.stringify({ pfnlab_trusted: 1, plugins }, undefined, 2)}\n`;
    const written = writeWhole(this.path, Buffer.from(text), 0o600);
    if (!written.ok) throw new SessionError(written.failure);
  }
}
