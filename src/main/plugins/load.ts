import type { HardwareModel, ModelOrigin, RegisterSpec } from '../engine/kernel/device/model.ts';
import { resetValue } from '../../shared/plugins/register-value.ts';
import type { Candidate } from './candidate.ts';
import { fieldReader } from './fields.ts';
import { VmInstance } from './instance.ts';
import type { Manifest, ManifestModel } from './manifest.ts';
import type { PluginProblem } from './problem.ts';
import type { Sandbox } from './sandbox.ts';
import { PluginVm } from './vm.ts';
import { during } from './watch.ts';
import { placesOf, watched } from './watched-model.ts';

/** A plugin that was found, checked and tried. */
export interface Plugin {
  readonly origin: ModelOrigin;
  readonly title: string;
  /** Its folder, or the packed file it is in. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly models: readonly HardwareModel[];
}

export type LoadResult =
  | { readonly ok: true; readonly plugin: Plugin }
  | { readonly ok: false; readonly folder: string; readonly problems: readonly PluginProblem[] };

/** The models of a plugin. None of their code runs before one of them is opened. */
export function pluginOf(candidate: Candidate, sandbox: Sandbox): Plugin {
  const { files, origin, manifest } = candidate;
  const models = manifest.models.map((model) => hardwareModel(candidate, sandbox, model));
  return { origin, title: manifest.title, folder: files.place, manifest, models };
}

/** Loads each model once and looks for what the manifest promises; nothing stays of it. */
export function tryPlugin(candidate: Candidate, sandbox: Sandbox): PluginProblem[] {
  return unique(candidate.manifest.models.flatMap((model) => tryModel(candidate, sandbox, model)));
}

function unique(problems: readonly PluginProblem[]): PluginProblem[] {
  const seen = new Map(
    problems.map((problem) => [`${problem.line}:${problem.column}:${problem.message}`, problem]),
  );
  return [...seen.values()];
}

function tryModel(
  { files, manifest, module }: Candidate,
  sandbox: Sandbox,
  model: ManifestModel,
): PluginProblem[] {
  const mainFile = files.shown(manifest.main);
  const at = { line: 1, column: 1 };
  const vm = new PluginVm(
    sandbox,
    { access: (mailbox) => mailbox.begin() },
    { ...module, model: model.id, seed: 1, services: [], facts: { id: 'check' }, arch: {} },
  );
  try {
    const loads = {
      plugin: `${manifest.id} ${manifest.version}`,
      what: `loading model ${model.id}`,
      place: `${mainFile}:1:1`,
    };
    const fault = during(sandbox.watch, loads, () => vm.load());
    if (fault) {
      const { message, file = module.file, line = 1, column = 1 } = fault;
      const shown = files.shown(file.slice(files.name.length + 1));
      return [{ file: shown, line, column, code: 'module', message }];
    }
    const missing = (kind: 'actions' | 'callbacks', names: readonly string[]): PluginProblem[] =>
      names
        .filter((name) => !vm.offers(kind, name))
        .map((name) => ({
          file: mainFile,
          ...at,
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

function specOf({ id, type, count, reset }: ManifestModel['registers'][number]): RegisterSpec {
  return { id, type, count, reset: resetValue(type, reset) };
}

function hardwareModel(
  { origin, manifest, module }: Candidate,
  sandbox: Sandbox,
  model: ManifestModel,
): HardwareModel {
  const code = { plugin: `${origin.id} ${origin.version}`, placeOf: placesOf(module) };
  const made: HardwareModel = {
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
  return watched(made, code, sandbox.watch);
}
