// For one of each kind of thing that is added: the files that name it.

/**
 * @typedef {object} Extension
 * @property {string} kind
 * @property {string} name as it is written
 * @property {RegExp} own where its own declaration or body lives
 */

/** @type {readonly Extension[]} */
export const EXTENSIONS = [
  { kind: 'field', name: 'active_invalidate_ranges', own: /^src\/shared\/world\// },
  { kind: 'table', name: 'gup_pins', own: /^src\/shared\/world\// },
  {
    kind: 'operation',
    name: 'punch-hole',
    own: /file-ops|operations\/punch-hole|operations\/files/,
  },
  { kind: 'expectation kind', name: 'memory_block', own: /expect[^/]*\.ts$|expectations\// },
  { kind: 'invariant', name: 'free-page-held', own: /invariants\/free-page-held/ },
  { kind: 'command', name: 'org.pfnlab.timeline.stepBack', own: /^src\/shared\/bench\/commands/ },
  { kind: 'pane', name: 'inspector', own: /panes\/inspector\// },
  { kind: 'import format', name: 'pagetypeinfo', own: /formats\/free-lists/ },
  { kind: 'plugin service', name: 'dma_map_sg', own: /^plugins\/(?!.*\.d\.ts)/ },
  { kind: 'switch', name: 'anon_starts_active', own: /core\/era\/|^src\/main\/engine\/era\// },
];

/**
 * Files of src, plugins and scripts that have the name as a whole word, without its own.
 *
 * @param {readonly { path: string, text: string }[]} sources
 * @param {Extension} extension
 * @returns {string[] | undefined} undefined: nothing names it at all
 */
export function filesNaming(sources, { name, own }) {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const word = new RegExp(`(?<![\\w.-])${escaped}(?![\\w-])`);
  const naming = sources.filter(
    ({ path, text }) => !/^(?:test|scripts\/census)\//.test(path) && word.test(text),
  );
  if (naming.length === 0) return undefined;
  return naming.map(({ path }) => path).filter((path) => !own.test(path));
}
