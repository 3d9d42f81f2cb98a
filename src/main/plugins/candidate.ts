import { createHash } from 'node:crypto';
import type { ModelOrigin } from '../engine/kernel/device/model.ts';
import { LIMITS } from '../../shared/plugins/model.ts';
import type { PluginFiles } from './files.ts';
import { MANIFEST_NAME } from './folders.ts';
import type { PluginModule } from './instance.ts';
import { readManifest, type Manifest } from './manifest.ts';
import { readModules, type ModuleText } from './modules.ts';
import type { PluginProblem } from './problem.ts';

/** A plugin that was read and looked at; none of its code has run. */
export interface Candidate {
  readonly files: PluginFiles;
  readonly origin: ModelOrigin;
  readonly manifest: Manifest;
  /** What a virtual machine is made from. */
  readonly module: PluginModule;
  /** The main module and those it imports. */
  readonly texts: readonly ModuleText[];
}

export type CandidateResult =
  | { readonly ok: true; readonly candidate: Candidate }
  | { readonly ok: false; readonly place: string; readonly problems: readonly PluginProblem[] };

/** Reads the manifest and every module of a plugin; everything that is wrong is told. */
export function readCandidate(files: PluginFiles): CandidateResult {
  const failed = (problems: readonly PluginProblem[]): CandidateResult => ({
    ok: false,
    place: files.place,
    problems,
  });
  const text = files.read(MANIFEST_NAME, LIMITS.manifestBytes, 'manifest');
  if (!text.ok) return failed([text.problem]);
  const read = readManifest(text.text, files.shown(MANIFEST_NAME));
  if (!read.ok) return failed(read.problems);
  const { manifest } = read;
  const texts = readModules(files, manifest.main, LIMITS.bundleBytes);
  if (!texts.ok) return failed(texts.problems);
  const [main, ...others] = texts.modules;
  const { name } = files;
  const module: PluginModule = {
    file: `${name}/${manifest.main}`,
    source: main.source,
    bindings: main.bindings,
    imported: new Map(others.map((other) => [`${name}/${other.path}`, other])),
  };
  const sha256 = digest(text.text, main, others);
  const origin = { id: manifest.id, version: manifest.version, sha256 };
  return { ok: true, candidate: { files, origin, manifest, module, texts: texts.modules } };
}

/** Of the manifest and every module as written: the main one, then the others by path, each after its path. */
function digest(manifest: string, main: ModuleText, others: readonly ModuleText[]): string {
  const hash = createHash('sha256').update(manifest).update('\0').update(main.written);
  for (const { path, written } of [...others].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update('\0').update(path).update('\0').update(written);
  }
  return hash.digest('hex');
}
