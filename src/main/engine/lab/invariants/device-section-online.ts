import { SECTION_IS_ONLINE } from '../../core/section-flags.ts';
import { rowAfter, type Invariant } from './invariant.ts';

/** A section that holds RAM beside device memory may be online; one of device memory alone never. */
export const deviceSectionOnline: Invariant = {
  tables: ['sections'],
  check: ({ world, facts }, change) => {
    const run = rowAfter('sections', change);
    if (!run || (run.flags & SECTION_IS_ONLINE) === 0) return undefined;
    const device = facts.arch.zones.indexOf('Device');
    const per = facts.arch.pages_per_section;
    if (device < 0 || world.at('pages', run.start * per)?.zone !== device) return undefined;
    const rows = world.overlapping('pages', run.start * per, (run.start + 1) * per);
    if (rows.some((row) => row.zone !== device || row.state !== 'init')) return undefined;
    return {
      sentence: `section ${run.start} is online, and all its pages are of ZONE_DEVICE`,
      records: [{ table: 'sections', key: run.start }],
    };
  },
};
