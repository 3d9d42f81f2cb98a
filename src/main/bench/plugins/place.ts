import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { CandidateResult } from '../../plugins/candidate.ts';
import { FolderFiles, type PluginFiles } from '../../plugins/files.ts';
import type { PluginHost } from '../../plugins/host.ts';
import { PACKED_LIMITS, readPacked } from '../../plugins/packed.ts';
import type { PluginProblem } from '../../plugins/problem.ts';

export type OpenedPlace =
  | { readonly ok: true; readonly files: PluginFiles }
  | { readonly ok: false; readonly problem: PluginProblem };

/**
 * The files of the plugin at a path: a folder, or a packed file.
 *
 * @param shown what messages call it
 */
export function openPlace(path: string, shown = path): OpenedPlace {
  const refuse = (message: string): OpenedPlace => ({
    ok: false,
    problem: { file: shown, line: 1, column: 1, code: 'file', message },
  });
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return { ok: true, files: new FolderFiles(path) };
    if (!stats.isFile()) return refuse('this is neither a folder nor a file');
    if (stats.size > PACKED_LIMITS.packed) {
      return refuse(`a packed plugin has at most ${PACKED_LIMITS.packed} bytes`);
    }
    return readPacked(shown, readFileSync(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === 'ENOENT') return refuse('there is no such folder or file');
    return refuse(`it cannot be read (${code})`);
  }
}

/** Reads the plugin at a path. None of its code runs. */
export function readPlace(host: PluginHost, path: string): CandidateResult {
  const opened = openPlace(path);
  if (opened.ok) return host.read(opened.files);
  return { ok: false, place: path, problems: [opened.problem] };
}

/**
 * Where the `path:` of a lab's entry leads: to the lab's own folder or below it. A string says why it
 * is not taken; a link that leads out is told with where it leads.
 *
 * @param folder the lab's, absolute
 */
export function besideLab(folder: string, path: string): { readonly path: string } | string {
  if (isAbsolute(path) || /^[A-Za-z]:|\\/.test(path)) {
    return `"${path}" is no path beside the lab: it begins at the lab's folder`;
  }
  if (leadsOut(folder, resolve(folder, path))) {
    return `"${path}" leads out of the lab's folder; name such a plugin with --plugin`;
  }
  try {
    const real = realpathSync(resolve(folder, path));
    if (!leadsOut(realpathSync(folder), real)) return { path: join(folder, path) };
    return `"${path}" leads by a link to ${real}, out of the lab's folder; name such a plugin with --plugin`;
  } catch {
    return `there is no folder or file "${path}" beside the lab`;
  }
}

/** Does a path lead out of a folder? */
function leadsOut(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}
