import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const MANIFEST_NAME = 'pfnlab-plugin.json';

/** Folders with a manifest in them, by name, so that the order is the same everywhere. */
export function pluginFolders(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => entry.name)
      .sort();
    return names
      .map((name) => join(folder, name))
      .filter((path) => existsSync(join(path, MANIFEST_NAME)));
  });
}
