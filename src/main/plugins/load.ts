import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { HardwareModel, ModelOrigin, RegisterSpec } from '../engine/kernel/device/model.ts';
import { mistyped } from '../engine/kernel/device/registers.ts';
import type { Value } from '../../shared/world/value.ts';
import { fieldReader } from './fields.ts';
import { MANIFEST_NAME } from './folders.ts';
import { VmInstance, type PluginModule } from './instance.ts';
import { LIMITS } from '../../shared/plugins/model.ts';
import { readManifest, type Manifest, type ManifestModel } from './manifest.ts';
import { readModules, readText, type ModuleText } from './modules.ts';
import type { PluginProblem } from './problem.ts';
import type { Sandbox } from './sandbox.ts';
import { PluginVm } from './vm.ts';

/** A plugin that was found, checked and tried. */
export interface Plugin {
  readonly origin: ModelOrigin;
  readonly title: string;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly models: readonly HardwareModel[];
}

export type LoadResult =
  | { readonly ok: true; readonly plugin: Plugin }
  | { readonly ok: false; readonly folder: string; readonly problems: readonly PluginProblem[] };

/** Reads, checks and tries the plugin in a folder. Nothing of it stays when it fails. */
export function loadPlugin(folder: string, sandbox: Sandbox): LoadResult {
  const name = basename(folder);
  const failed = (problems: readonly PluginProblem[]): LoadResult => ({
    ok: false,
    folder,
    problems,
  });
  const manifestFile = join(folder, MANIFEST_NAME);
  const manifestText = readText(manifestFile, manifestFile, LIMITS.manifestBytes, 'manifest');
  if (!manifestText.ok) return failed([manifestText.problem]);
  const read = readManifest(manifestText.text, manifestFile);
  if (!read.ok) return failed(read.problems);
  const { manifest } = read;
  const mainFile = join(folder, manifest.main);
  const texts = readModules(folder, manifest.main, LIMITS.bundleBytes);
  if (!texts.ok) return failed(texts.problems);
  const [main, ...others] = texts.modules;
  const module: PluginModule = {
    file: `${name}/${manifest.main}`,
    source: main.source,
    bindings: main.bindings,
    imported: new Map(others.map((other) => [`${name}/${other.path}`, other])),
  };
  const problems = manifest.models.flatMap((model) =>
    tryModel(sandbox, module, model, mainFile, manifestFile),
  );
  if (problems.length > 0) return failed(unique(problems));
  const sha256 = digest(manifestText.text, main, others);
  const origin = { id: manifest.id, version: manifest.version, sha256 };
  const models = manifest.models.map((model) =>
    hardwareModel(sandbox, module, model, origin, manifest),
  );
  return { ok: true, plugin: { origin, title: manifest.title, folder, manifest, models } };
}

/** Of the manifest and every module: the main one, then the others by path, each after its path. */
function digest(manifest: string, main: ModuleText, others: readonly ModuleText[]): string {
  const hash = createHash('sha256').update(manifest).update('\0').update(main.source);
  for (const { path, source } of [...others].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update('\0').update(path).update('\0').update(source);
  }
  return hash.digest('hex');
}

function unique(problems: readonly PluginProblem[]): PluginProblem[] {
  const seen = new Map(
    problems.map((problem) => [`${problem.line}:${problem.column}:${problem.message}`, problem]),
  );
  return [...seen.values()];
}

/** Loads the module once and looks for what the manifest promises. */
function tryModel(
  sandbox: Sandbox,
  module: PluginModule,
  model: ManifestModel,
  mainFile: string,
  manifestFile: string,
): PluginProblem[] {
  for (const register of model.registers) {
    const fault = mistyped(specOf(register), specOf(register).reset);
    if (fault)
      return [
        {
          file: manifestFile,
          line: 1,
          column: 1,
          code: 'value',
          message: `reset: ${fault.message}`,
        },
      ];
  }
  const vm = new PluginVm(
    sandbox,
    { access: (mailbox) => mailbox.begin() },
    { ...module, model: model.id, seed: 1, services: [], facts: { id: 'check' }, arch: {} },
  );
  try {
    const fault = vm.load();
    if (fault) {
      const { message, file = module.file, line = 1, column = 1 } = fault;
      const path = join(dirname(mainFile), file.slice(file.indexOf('/') + 1));
      return [{ file: path, line, column, code: 'module', message }];
    }
    const missing = (kind: 'actions' | 'callbacks', names: readonly string[]): PluginProblem[] =>
      names
        .filter((name) => !vm.offers(kind, name))
        .map((name) => ({
          file: mainFile,
          line: 1,
          column: 1,
          code: 'module',
          message: `models.${model.id}.${kind}["${name}"] is not a generator function`,
        }));
    return [
      ...missing(
        'actions',
        model.actions.map((action) => action.id),
      ),
      ...missing('callbacks', model.callbacks),
    ];
  } finally {
    vm.dispose();
  }
}

const RESETS: Record<RegisterSpec['type'], Value> = {
  bytes: 0,
  u8: 0,
  u16: 0,
  u32: 0,
  u64: 0n,
  flag: false,
  text: '',
  json: null,
};

function specOf({ id, type, count, reset }: ManifestModel['registers'][number]): RegisterSpec {
  const given = reset ?? RESETS[type];
  const value = type === 'u64' && typeof given === 'number' ? BigInt(given) : given;
  return { id, type, count, reset: value };
}

function hardwareModel(
  sandbox: Sandbox,
  module: PluginModule,
  model: ManifestModel,
  origin: ModelOrigin,
  manifest: Manifest,
): HardwareModel {
  return {
    id: model.id,
    origin,
    title: model.title ?? manifest.title,
    regions: model.regions,
    registers: model.registers.map(specOf),
    actions: model.actions.map(({ id, title, on, args }) => ({
      id,
      title: title ?? id,
      on,
      readArgs: fieldReader(args),
      addresses: Object.entries(args.properties ?? {}).flatMap(([name, field]) =>
        field.type !== 'array' && field.format === 'address' ? [name] : [],
      ),
    })),
    callbacks: model.callbacks,
    views: model.views.map(({ kind, title, rows, fields }) => ({
      kind,
      title: title ?? rows,
      rows,
      fields: fields.map((field) => ({
        id: field.id,
        title: field.title ?? field.id,
        format: field.format,
      })),
    })),
    readConfig: fieldReader(model.config),
    open: (device, services, seed) =>
      new VmInstance({ sandbox, module, model: model.id, device, services, seed }),
  };
}
