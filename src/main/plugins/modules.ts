import { posix } from 'node:path';
import type { PluginFiles } from './files.ts';
import { libraryFault } from './library.ts';
import type { PluginProblem } from './problem.ts';
import { scanSource, type Binding } from './source-scan.ts';
import { stripTypes, type StrippedSource } from './typescript.ts';

/** One checked ES module of a plugin. */
export interface ModuleText {
  /** Its path in the plugin's folder, with slashes: `labels.js`, `driver/pmem.js`. */
  readonly path: string;
  /** JavaScript: of a TypeScript module what is left without types, every place as it was. */
  readonly source: string;
  /** As its file has it. */
  readonly written: string;
  /** What is bound at its top level: frozen once it has loaded. */
  readonly bindings: readonly Binding[];
}

export type ModulesResult =
  | { readonly ok: true; readonly modules: readonly [ModuleText, ...ModuleText[]] }
  | { readonly ok: false; readonly problems: readonly PluginProblem[] };

/** Modules of one plugin. */
const MAX_MODULES = 64;
const PATH = /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)*\.(js|ts)$/;

/** The path in the folder that a module means by a relative specifier; undefined for any other. */
export function resolveModule(from: string, specifier: string): string | undefined {
  if (!/^\.\.?\//.test(specifier)) return undefined;
  const path = posix.join(posix.dirname(from), specifier);
  return PATH.test(path) ? path : undefined;
}

/**
 * Reads the main module of a plugin and every module of its folder it imports, checks each, and
 * tells everything that is wrong. Together they may have `limit` bytes. The main one comes first,
 * then the others in the order they are first imported.
 */
export function readModules(files: PluginFiles, main: string, limit: number): ModulesResult {
  const modules: ModuleText[] = [];
  const problems: PluginProblem[] = [];
  const wanted: { path: string; by?: PluginProblem }[] = [{ path: main }];
  let left = limit;
  for (const { path, by } of wanted) {
    const file = files.shown(path);
    const read = files.read(path, left, 'module');
    if (!read.ok) {
      problems.push(by ? { ...by, message: `${path}: ${read.problem.message}` } : read.problem);
      continue;
    }
    left -= Buffer.byteLength(read.text);
    const plain = javaScriptOf(path, read.text);
    if (!plain.ok) {
      problems.push({ file, code: 'module', ...plain.fault });
      continue;
    }
    const { bindings, imports, faults } = scanSource(plain.source);
    problems.push(...faults.map((fault) => ({ file, code: 'module' as const, ...fault })));
    modules.push({ path, source: plain.source, written: read.text, bindings });
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

function javaScriptOf(path: string, written: string): StrippedSource {
  return path.endsWith('.ts') ? stripTypes(written) : { ok: true, source: written };
}
