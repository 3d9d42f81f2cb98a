// Who may import what. Folders are layers; imports point one way:
// shells -> bench -> (sessions, formats, plugins, engine), engine -> shared, renderer -> shared;
// in the engine lab -> kernel -> core.

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {string} folder from the project root, with a slash at the end
 * @property {readonly string[]} layers other layers it may import
 * @property {readonly string[] | ((specifier: string) => boolean)} packages packages and Node
 *   modules it may import
 */

/** The engine's three tiers, from the top down. */
const ENGINE = ['engine lab', 'engine kernel', 'engine core'];

const SERVICE_PACKAGES = (/** @type {string} */ specifier) =>
  !/^(electron|vue|pinia|reka-ui|@lucide\/)/.test(specifier);

const RENDERER_PACKAGES = (/** @type {string} */ specifier) =>
  !/^(node:|electron|better-sqlite3|quickjs-emscripten|@jitl\/|ws$)/.test(specifier);

/** @type {readonly Layer[]} */
export const LAYERS = [
  { name: 'shared', folder: 'src/shared/', layers: [], packages: ['zod', 'yaml'] },
  {
    name: 'engine core',
    folder: 'src/main/engine/core/',
    layers: ['shared'],
    packages: ['sorted-btree'],
  },
  {
    name: 'engine kernel',
    folder: 'src/main/engine/kernel/',
    layers: ['engine core', 'shared'],
    packages: ['sorted-btree'],
  },
  {
    name: 'engine lab',
    folder: 'src/main/engine/lab/',
    layers: ['engine kernel', 'engine core', 'shared'],
    packages: [],
  },
  {
    name: 'plugins',
    folder: 'src/main/plugins/',
    layers: [...ENGINE, 'shared'],
    packages: SERVICE_PACKAGES,
  },
  {
    name: 'sessions',
    folder: 'src/main/sessions/',
    layers: [...ENGINE, 'shared'],
    packages: SERVICE_PACKAGES,
  },
  {
    name: 'formats',
    folder: 'src/main/formats/',
    layers: [...ENGINE, 'shared'],
    packages: SERVICE_PACKAGES,
  },
  {
    name: 'bench',
    folder: 'src/main/bench/',
    layers: ['sessions', 'formats', 'plugins', ...ENGINE, 'shared'],
    packages: SERVICE_PACKAGES,
  },
  {
    name: 'shells',
    folder: 'src/main/shells/',
    layers: ['bench', 'shared'],
    packages: (specifier) => SERVICE_PACKAGES(specifier) || specifier === 'electron',
  },
  { name: 'preload', folder: 'src/preload/', layers: ['shared'], packages: ['electron'] },
  {
    name: 'renderer',
    folder: 'src/renderer/',
    layers: ['shared'],
    packages: RENDERER_PACKAGES,
  },
  // Models that ship with pfnlab see what anybody's model sees: the public plugin API.
  {
    name: 'hardware models',
    folder: 'plugins/',
    layers: [],
    packages: (specifier) => specifier.startsWith('pfnlab:'),
  },
];

/**
 * The layer a file belongs to.
 *
 * @param {string} path relative to the project root, with forward slashes
 * @returns {Layer | undefined}
 */
export function layerOf(path) {
  return LAYERS.find((layer) => path.startsWith(layer.folder));
}
