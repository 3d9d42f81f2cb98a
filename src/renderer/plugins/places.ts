import type { PluginPlace } from '../../shared/bench/plugins.ts';

/** Where a plugin is from, in words. */
export const PLACES: Readonly<Record<PluginPlace, { title: string; meaning: string }>> = {
  lab: { title: 'beside the lab', meaning: 'The lab brought it along.' },
  named: {
    title: 'under development',
    meaning: 'Read again whenever a file of it is saved, until the bench closes.',
  },
  shipped: { title: 'ships with pfnlab', meaning: 'Part of this program.' },
  installed: { title: 'installed', meaning: 'A copy in the data folder.' },
};
