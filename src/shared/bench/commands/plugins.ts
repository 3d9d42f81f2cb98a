import { z } from 'zod';
import { command } from '../command.ts';
import { brokenPlugin, pluginDescription, pluginView } from '../plugins.ts';
import { nothing } from './payloads.ts';

/** Largest packed plugin in base64, in characters. */
const MAX_BASE64 = 8 * 1024 * 1024;

const one = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const named = z.object({ path: z.string().min(1).max(4096) });
const base64 = z.string().max(MAX_BASE64);

/** Commands about hardware-model plugins. */
export const pluginCommands = {
  pluginList: command({
    id: 'org.pfnlab.plugin.list',
    title: 'List plugins',
    summary:
      'Lists the hardware models that are here, where they come from, and what does not load.',
    input: nothing,
    output: z.object({
      plugins: z.array(pluginView),
      broken: z.array(brokenPlugin),
      /** Why the record of trusted plugins counts for nothing, where it does. */
      trust_problem: z.string().optional(),
    }),
  }),
  pluginDescribe: command({
    id: 'org.pfnlab.plugin.describe',
    title: 'Describe a plugin',
    summary:
      'Tells who wrote a plugin, what it declares and which kernel functions it names; runs none of it.',
    input: one,
    output: pluginDescription,
  }),
  pluginTrust: command({
    id: 'org.pfnlab.plugin.trust',
    title: 'Trust a plugin',
    summary: 'Lets the code of a plugin run from now on, or no more.',
    input: one.extend({ trusted: z.boolean() }),
    output: nothing,
    changes: true,
  }),
  pluginInstall: command({
    id: 'org.pfnlab.plugin.install',
    title: 'Install a plugin',
    summary:
      'Keeps a copy of a packed plugin (.tgz), or of the files of a folder; runs none of it.',
    input: z.union([
      z.object({ name: z.string().max(4096), base64 }),
      z.object({
        name: z.string().max(4096),
        files: z
          .array(z.object({ path: z.string().max(4096), base64 }))
          .min(1)
          .max(512),
      }),
    ]),
    output: one,
    menu: { in: 'File', group: 2 },
    changes: true,
  }),
  pluginRemove: command({
    id: 'org.pfnlab.plugin.remove',
    title: 'Remove a plugin',
    summary: 'Removes the copy of an installed plugin, and the trust in it.',
    input: one,
    output: nothing,
    changes: true,
  }),
  pluginName: command({
    id: 'org.pfnlab.plugin.name',
    title: 'Use a plugin from its folder',
    summary:
      'Uses the plugin in a folder or packed file of this machine until the bench closes, and watches it.',
    input: named,
    output: z.object({ sha256: z.string().optional() }),
    menu: { in: 'File', group: 2 },
    changes: true,
  }),
  pluginForget: command({
    id: 'org.pfnlab.plugin.forget',
    title: 'Use a plugin from its folder no more',
    summary:
      'Uses the plugin in a folder or packed file that was named no more, and its trust ends.',
    input: named,
    output: nothing,
    changes: true,
  }),
  pluginReload: command({
    id: 'org.pfnlab.plugin.reload',
    title: 'Read plugins again',
    summary: 'Reads every plugin again; the next run uses what is there then.',
    input: nothing,
    output: nothing,
    palette: true,
    changes: true,
  }),
};
