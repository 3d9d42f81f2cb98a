import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** Options about plugins of a door that opens a window, for parseArgs. */
export const PLUGIN_OPTIONS = {
  plugin: { type: 'string', multiple: true },
  'without-plugin': { type: 'string', multiple: true },
} as const satisfies ParseArgsConfig['options'];

export const PLUGIN_HELP = `  --plugin PLUGIN       use the plugin in that folder or .tgz file, and trust it; a folder is
                        read again when a file of it is saved; may be repeated
  --without-plugin ID   do without that plugin; may be repeated
`;

export interface GivenPlugins {
  readonly plugin?: string[] | undefined;
  readonly 'without-plugin'?: string[] | undefined;
}

/** What the bench is told of plugins. @param folder the caller's, which paths resolve against */
export function pluginsNamed(given: GivenPlugins, folder: string) {
  return {
    plugins: (given.plugin ?? []).map((path) => resolve(folder, path)),
    withoutPlugins: given['without-plugin'] ?? [],
  };
}

/** The same of a command line on which other options stand too, such as Chromium's own. */
export function readDoorPlugins(argv: readonly string[], folder: string) {
  const { values } = parseArgs({ args: [...argv], options: PLUGIN_OPTIONS, strict: false });
  const texts = (given: unknown): string[] =>
    Array.isArray(given) ? given.filter((one) => typeof one === 'string') : [];
  const [plugin, without] = [texts(values.plugin), texts(values['without-plugin'])];
  return pluginsNamed({ plugin, 'without-plugin': without }, folder);
}
