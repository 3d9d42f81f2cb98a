import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Candidate } from '../../plugins/candidate.ts';
import type { PluginHost } from '../../plugins/host.ts';
import { packPlugin } from '../../plugins/packed.ts';
import type { PluginProblem } from '../../plugins/problem.ts';
import { SessionError } from '../../sessions/failure.ts';
import { writeWhole } from '../../sessions/share.ts';
import { readPlace } from './place.ts';

const NAME = /^[0-9a-f]{64}\.tgz$/;

export interface Installed {
  readonly candidates: readonly Candidate[];
  readonly broken: readonly {
    readonly place: string;
    readonly problems: readonly PluginProblem[];
  }[];
}

/** Installed plugins: one packed file for each hash, in a folder of the data folder. */
export class InstalledPlugins {
  readonly folder: string;
  private readonly host: PluginHost;

  constructor(data: string, host: PluginHost) {
    this.folder = join(data, 'plugins');
    this.host = host;
  }

  /** Reads all of them. One whose contents are not what its name says is broken. */
  read(): Installed {
    const candidates: Candidate[] = [];
    const broken: { place: string; problems: readonly PluginProblem[] }[] = [];
    const names = existsSync(this.folder)
      ? readdirSync(this.folder).filter((one) => NAME.test(one))
      : [];
    for (const name of names.sort()) {
      const path = join(this.folder, name);
      const read = readPlace(this.host, path);
      if (!read.ok) broken.push(read);
      else if (`${read.candidate.origin.sha256}.tgz` === name) candidates.push(read.candidate);
      else {
        const message = 'it is not what was installed: it has changed since; install it again';
        broken.push({
          place: path,
          problems: [{ file: path, line: 1, column: 1, code: 'file', message }],
        });
      }
    }
    return { candidates, broken };
  }

  /**
   * Keeps a copy of a plugin, with all its files. Its code does not run.
   *
   * @returns the path of the copy
   * @throws SessionError where it cannot be written
   */
  install({ files, origin }: Candidate): string {
    const path = join(this.folder, `${origin.sha256}.tgz`);
    const packed = packPlugin(files);
    if (!packed.ok) {
      throw new SessionError({
        code: 'io',
        message: packed.problem.message,
        path: packed.problem.file,
      });
    }
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const written = writeWhole(path, packed.bytes, 0o600);
    if (!written.ok) throw new SessionError(written.failure);
    return path;
  }

  /** Removes one. False: it was not installed. */
  remove(sha256: string): boolean {
    const path = join(this.folder, `${sha256}.tgz`);
    if (!existsSync(path)) return false;
    rmSync(path);
    return true;
  }
}
