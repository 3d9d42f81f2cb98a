import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  PluginCatalogue,
  type PluginSources,
} from '../../../../src/main/bench/plugins/catalogue.ts';
import type { LabWhere } from '../../../../src/main/bench/plugins/lab-plugins.ts';
import { prepareLab, type PreparedLab } from '../../../../src/main/bench/session/sessions.ts';
import { FolderFiles } from '../../../../src/main/plugins/files.ts';
import { packPlugin } from '../../../../src/main/plugins/packed.ts';
import { SMALL_LAB } from '../booted.ts';

/** A folder without the plugins that ship. */
export const NOWHERE = mkdtempSync(join(tmpdir(), 'pfnlab-bare-'));

export interface Toy {
  readonly id?: string;
  readonly version?: string;
  readonly model?: string;
  /** What tells two of one id and version apart. */
  readonly answer?: number;
}

/** The files of a plugin with one model, whose action `go` returns a number. */
export function toyFiles({
  id = 'org.example.toy',
  version = '1.0.0',
  model = 'toy',
  answer = 1,
}: Toy) {
  const manifest = {
    ...{ id, version, apiVersion: 1, title: `Toy ${answer}`, author: 'A. Author', licence: 'MIT' },
    main: 'index.js',
    models: [{ id: model, registers: [{ id: 'r', type: 'u32' }], actions: [{ id: 'go' }] }],
  };
  const module = `export const models = { '${model}': { callbacks: {}, actions: {
  go: function* (k) { k.write('r', 0, ${answer}); return 0; } } } };\n`;
  return { 'pfnlab-plugin.json': JSON.stringify(manifest), 'index.js': module };
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Writes a toy to a new folder, or to the one given; returns its path. */
export function toyFolder(toy: Toy = {}, folder = tempFolder('toy')): string {
  return writeFiles(folder, toyFiles(toy));
}

/** A new empty folder of that name. */
export function tempFolder(name: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'pfnlab-')), name);
  mkdirSync(folder);
  return folder;
}

/** The toy in one file. */
export function toyPacked(toy: Toy = {}): Uint8Array {
  const packed = packPlugin(new FolderFiles(toyFolder(toy)));
  if (!packed.ok) throw new Error(packed.problem.message);
  return packed.bytes;
}

export function catalogueOf(sources: Partial<PluginSources> = {}): Promise<PluginCatalogue> {
  return PluginCatalogue.open({ root: NOWHERE, ...sources });
}

/** A lab with one device of the model `toy`, and these entries under `plugins:`. */
export function toyLab(...entries: string[]): string {
  const plugins = entries.map((entry) => `  - ${entry}\n`).join('');
  const device = 'devices:\n  - { id: toy0, model: toy }\n';
  const program = SMALL_LAB.replace('- boot\n', '- boot\n  - toy0.go\n');
  return `${program}${device}${plugins === '' ? '' : `plugins:\n${plugins}`}`;
}

/** `severity line: message` of everything that is wrong. */
export function problemsOf({ problems }: PreparedLab): string[] {
  return problems.map(({ severity, line, message }) => `${severity} ${line}: ${message}`);
}

export function prepare(
  catalogue: PluginCatalogue,
  lab: string,
  where: LabWhere = {},
): PreparedLab {
  return prepareLab('toy.lab.yaml', lab, catalogue, where);
}

/** Hash of the plugin that the lab's device got; undefined where it does not run. */
export function ranWith(prepared: PreparedLab): string | undefined {
  return prepared.ok ? prepared.plugins.models.get('toy')?.origin.sha256 : undefined;
}
