import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { libraryFault } from './library.ts';
import type { PluginProblem } from './problem.ts';
import { scanSource, type Binding } from './source-scan.ts';

/** One checked ES module of a plugin. */
export interface ModuleText {
  /** Its path in the plugin's folder, with slashes: `labels.js`, `driver/pmem.js`. */
  readonly path: string;
  readonly source: string;
  /** What is bound at its top level: frozen once it has loaded. */
  readonly bindings: readonly Binding[];
}

export type ModulesResult =
  | { readonly ok: true; readonly modules: readonly [ModuleText, ...ModuleText[]] }
  | { readonly ok: false; readonly problems: readonly PluginProblem[] };

export type TextResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: PluginProblem };

/** Modules of one plugin. */
const MAX_MODULES = 64;
const PATH = /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)*\.js$/;

/** Reads a file of a plugin, or says why not. */
export function readText(path: string, shown: string, limit: number, what: string): TextResult {
  const refuse = (code: PluginProblem['code'], message: string): TextResult => {
    return { ok: false, problem: { file: shown, line: 1, column: 1, code, message } };
  };
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return refuse('file', 'this is not a file');
    if (stats.size > limit) {
      return refuse('limit', `the ${what} has ${stats.size} bytes; at most ${limit} are read`);
    }
    return { ok: true, text: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'is missing' : `cannot be read (${code ?? 'unknown error'})`;
    return refuse('file', `the ${what} ${why}`);
  }
}

/** The path in the folder that a module means by a relative specifier; undefined for any other. */
export function resolveModule(from: string, specifier: string): string | undefined {
  if (!/^\.\.?\//.test(specifier)) return undefined;
  const path = posix.join(posix.dirname(from), specifier);
  return PATH.test(path) ? path : undefined;
}

/** Does a link lead out of the folder? */
function leavesFolder(folder: string, path: string): boolean {
  try {
    return !realpathSync(join(folder, path)).startsWith(realpathSync(folder) + sep);
  } catch {
    return false;
  }
}

/**
 * Reads the main module of a plugin and every module of its folder it imports, checks each, and
 * tells everything that is wrong. Together they may have `limit` bytes. The main one comes first,
 * then the others in the order they are first imported.
 */
export function readModules(folder: string, main: string, limit: number): ModulesResult {
  const modules: ModuleText[] = [];
  const problems: PluginProblem[] = [];
  const wanted: { path: string; by?: PluginProblem }[] = [{ path: main }];
  let left = limit;
  for (const { path, by } of wanted) {
    const file = join(folder, path);
    if (leavesFolder(folder, path)) {
      const message = `${path} lies outside the plugin's folder`;
      problems.push(by ? { ...by, message } : { ...at(file), message });
      continue;
    }
    const read = readText(file, file, left, 'module');
    if (!read.ok) {
      problems.push(by ? { ...by, message: `${path}: ${read.problem.message}` } : read.problem);
      continue;
    }
    left -= Buffer.byteLength(read.text);
    const { bindings, imports, faults } = scanSource(read.text);
    problems.push(...faults.map((fault) => ({ file, code: 'module' as const, ...fault })));
    modules.push({ path, source: read.text, bindings });
    for (const { specifier, line, column } of imports) {
      const where = { file, line, column, code: 'module' as const };
      const unknown = libraryFault(specifier);
      if (unknown === undefined) continue;
      const target = resolveModule(path, specifier);
      if (unknown !== null) problems.push({ ...where, message: unknown });
      else if (target === undefined) {
        const message = `a model imports modules of its own folder, such as './labels.js', not '${specifier}'`;
        problems.push({ ...where, message });
      } else if (!wanted.some((known) => known.path === target)) {
        if (wanted.length === MAX_MODULES) {
          problems.push({ ...where, message: `a plugin has at most ${MAX_MODULES} modules` });
          return { ok: false, problems };
        }
        wanted.push({ path: target, by: { ...where, message: '' } });
      }
    }
  }
  const [first, ...rest] = modules;
  return first && problems.length === 0
    ? { ok: true, modules: [first, ...rest] }
    : { ok: false, problems };
}

function at(file: string): Omit<PluginProblem, 'message'> {
  return { file, line: 1, column: 1, code: 'file' };
}
