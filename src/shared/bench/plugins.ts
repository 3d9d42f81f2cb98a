/** Hardware-model plugins as every door shows them. */
import { z } from 'zod';
import { problemView } from './state.ts';

/** Where a plugin may come from, the first to be taken first. */
export const PLUGIN_PLACES = ['lab', 'named', 'shipped', 'installed'] as const;
export type PluginPlace = (typeof PLUGIN_PLACES)[number];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A plugin that could be read. */
export const pluginView = z.object({
  id: z.string(),
  version: z.string(),
  title: z.string(),
  /** '' where the manifest names nobody. */
  author: z.string(),
  licence: z.string(),
  /** Of the manifest and its modules: what is trusted, and what tells two with one id apart. */
  sha256,
  place: z.enum(PLUGIN_PLACES),
  /** Folder or packed file it is in. */
  path: z.string(),
  /** Its code may run: it ships, was named for this run, or its hash is on record. */
  trusted: z.boolean(),
  /** A lab that names no plugin gets this one of its id. */
  used: z.boolean(),
  models: z.array(z.object({ id: z.string(), title: z.string() })),
});
export type PluginView = z.infer<typeof pluginView>;

/** A folder or file that was taken for a plugin, and what is wrong with it. */
export const brokenPlugin = z.object({
  place: z.enum(PLUGIN_PLACES),
  path: z.string(),
  problems: z.array(problemView),
});
export type BrokenPlugin = z.infer<typeof brokenPlugin>;

/** What a lab needs and nobody here has. */
export const missingPlugins = z.object({
  /** Entries of its `plugins:`; `version`: a version or a range, '' where it takes any. */
  plugins: z.array(z.object({ id: z.string(), version: z.string() })),
  /** Devices whose model no plugin has. */
  devices: z.array(z.object({ id: z.string(), model: z.string() })),
});
export type MissingPlugins = z.infer<typeof missingPlugins>;

const entryView = z.object({ id: z.string(), title: z.string() });

/** Everything a plugin declares and asks for: what is shown before it is trusted. */
export const pluginDescription = pluginView.extend({
  models: z.array(
    entryView.extend({
      regions: z.array(z.object({ id: z.string(), kind: z.string() })),
      registers: z.array(z.object({ id: z.string(), type: z.string(), count: z.number() })),
      actions: z.array(entryView),
      callbacks: z.array(z.string()),
    }),
  ),
  /** Kernel functions its modules name, with what each does. */
  services: z.array(z.object({ name: z.string(), title: z.string() })),
  /** Its modules, the main one first; `bytes` of each as written. */
  modules: z.array(z.object({ path: z.string(), bytes: z.number() })),
});
export type PluginDescription = z.infer<typeof pluginDescription>;
