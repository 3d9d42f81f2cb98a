import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import type { PluginProblem } from './problem.ts';

export type TextResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: PluginProblem };

/** The files of one plugin, wherever they are kept. Paths have slashes and begin at its top. */
export interface PluginFiles {
  /** Where it is, as people are told: a folder or a packed file. */
  readonly place: string;
  /** What its modules are called in messages, before the path. */
  readonly name: string;
  /** How messages call a file of it. */
  shown(path: string): string;
  /** Text of a file of at most `limit` bytes, or why not. */
  read(path: string, limit: number, what: string): TextResult;
  /** Paths of all its files, sorted; a plugin has few. */
  list(): string[];
  /** Bytes of a listed file. @throws where it cannot be read any more */
  bytes(path: string): Uint8Array;
}

/** Says at the top of a file why it is not taken. */
export function refusal(
  file: string,
  code: PluginProblem['code'],
  message: string,
): { readonly ok: false; readonly problem: PluginProblem } {
  return { ok: false, problem: { file, line: 1, column: 1, code, message } };
}

/** Sentence for a file that is too large. */
export function tooLarge(what: string, bytes: number, limit: number): string {
  return `the ${what} has ${bytes} bytes; at most ${limit} are read`;
}

/** Folders and files that are no part of a plugin. */
const LEFT_OUT = /^\.(?!\.)|^node_modules$|\.tgz$/;

/** Is a file in a plugin's folder a part of the plugin? Paths have slashes. */
export function isPart(path: string): boolean {
  return !path.split('/').some((name) => LEFT_OUT.test(name));
}

/** A plugin in a folder, as its author has it. Links that lead out of the folder are not followed; no link is listed. */
export class FolderFiles implements PluginFiles {
  readonly place: string;

  /** @param folder an absolute path */
  constructor(folder: string) {
    this.place = folder;
  }

  get name(): string {
    return basename(this.place);
  }

  shown(path: string): string {
    return join(this.place, path);
  }

  read(path: string, limit: number, what: string): TextResult {
    const file = this.shown(path);
    try {
      if (this.leaves(file)) {
        return refusal(file, 'file', 'it leads out of the folder of the plugin');
      }
      const stats = statSync(file);
      if (!stats.isFile()) return refusal(file, 'file', 'this is not a file');
      if (stats.size > limit) return refusal(file, 'limit', tooLarge(what, stats.size, limit));
      return { ok: true, text: readFileSync(file, 'utf8') };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      const why = code === 'ENOENT' ? 'is missing' : `cannot be read (${code ?? 'unknown error'})`;
      return refusal(file, 'file', `the ${what} ${why}`);
    }
  }

  list(): string[] {
    const found: string[] = [];
    const walk = (below: string): void => {
      for (const entry of readdirSync(join(this.place, below), { withFileTypes: true })) {
        if (LEFT_OUT.test(entry.name)) continue;
        const path = below === '' ? entry.name : `${below}/${entry.name}`;
        if (entry.isDirectory()) walk(path);
        else if (entry.isFile()) found.push(path);
      }
    };
    walk('');
    return found.sort();
  }

  bytes(path: string): Uint8Array {
    return readFileSync(this.shown(path));
  }

  private leaves(file: string): boolean {
    return !realpathSync(file).startsWith(realpathSync(this.place) + sep);
  }
}
