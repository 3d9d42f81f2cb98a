/** The words of labs beyond the language itself: hardware models that ship, switches, names of the kernel. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelDeclaration, Vocabulary } from '../../../shared/lab/vocabulary.ts';
import { SYMBOLS } from '../../engine/core/arch/config.ts';
import { PARAMETERS } from '../../engine/core/parameters.ts';
import { MANIFEST_NAME, pluginFolders } from '../../plugins/folders.ts';
import { readManifest, type Manifest } from '../../plugins/manifest.ts';
import { toldSwitches } from './switches.ts';

/**
 * @param root the program's folder, with its `plugins/`
 * @param named manifests of other plugins
 */
export function vocabulary(root: string, named: readonly Manifest[] = []): Vocabulary {
  return {
    models: [
      ...named.flatMap(modelsOf),
      ...pluginFolders([join(root, 'plugins')]).flatMap(declaredModels),
    ],
    switches: toldSwitches(),
    symbols: SYMBOLS,
    parameters: PARAMETERS,
  };
}

/** What the manifest in a folder declares; nothing of one that cannot be read. */
function declaredModels(folder: string): ModelDeclaration[] {
  const file = join(folder, MANIFEST_NAME);
  const read = readManifest(readFileSync(file, 'utf8'), file);
  return read.ok ? modelsOf(read.manifest) : [];
}

function modelsOf({ models, title }: Manifest): ModelDeclaration[] {
  return models.map((model) => ({
    id: model.id,
    title: model.title ?? title,
    fields: model.config,
    actions: model.actions.map((action) => ({
      id: action.id,
      title: action.title ?? action.id,
      on: action.on,
      fields: action.args,
    })),
  }));
}
