import { rowBefore, type Invariant } from './invariant.ts';

export const pagemapRemovedInUse: Invariant = {
  tables: ['pgmaps'],
  check: (_looked, change) => {
    const pgmap = rowBefore('pgmaps', change);
    if (!pgmap || change.to || pgmap.ref <= 0) return undefined;
    return {
      sentence: `pagemap ${pgmap.id} goes away with ${pgmap.ref} references held`,
      records: [{ table: 'pgmaps', key: pgmap.id }],
    };
  },
};
