import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FolderFiles } from '../../plugins/files.ts';
import { MANIFEST_NAME } from '../../plugins/folders.ts';
import { failureOf } from '../../sessions/failure.ts';
import { TEMPLATE_NAMES, TEMPLATES } from './templates.ts';

/** What a new plugin is made from. */
export interface Scaffold {
  /** The program's folder, with its `plugins/`. */
  readonly root: string;
  /** Absolute path of the folder to make. */
  readonly folder: string;
  /** Of the plugin, its model and its device: lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly template: string;
  readonly language: 'js' | 'ts';
}

/** Where the public types lie in a new plugin; what begins with a dot is not packed. */
const TYPES = '.pfnlab';
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** How templates call what they make. */
const PLACEHOLDER = /\bmydevice(_?)/g;

const TSCONFIG = {
  compilerOptions: {
    ...{ target: 'es2023', module: 'nodenext', lib: ['es2023'], types: [] },
    ...{ strict: true, noEmit: true, allowJs: true, checkJs: true, skipLibCheck: true },
    ...{ allowImportingTsExtensions: true, erasableSyntaxOnly: true },
  },
  include: ['*.js', '*.ts', `${TYPES}/**/*.d.ts`],
};

/** Writes a new plugin. A string says why nothing was written; else the paths of its files. */
export function scaffoldPlugin(scaffold: Scaffold): readonly string[] | string {
  const { root, folder, name, template } = scaffold;
  if (!NAME.test(name) || name.length > 64) {
    return `"${name}" is no name for a plugin: lower-case letters, digits and hyphens, a letter first`;
  }
  if (!Object.hasOwn(TEMPLATES, template)) {
    return `there is no template "${template}"; there are ${TEMPLATE_NAMES.join(', ')}`;
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) return `${name} is there already`;
  const files = new Map([...templateFiles(scaffold), ...typeFiles(root)]);
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text, { flag: 'wx' });
    }
  } catch (error) {
    return failureOf(error, folder).message;
  }
  return [...files.keys()];
}

function* templateFiles(scaffold: Scaffold): Generator<[path: string, text: string]> {
  const { root, name, template, language } = scaffold;
  const other = language === 'js' ? 'index.ts' : 'index.js';
  const files = new FolderFiles(join(root, 'plugins', 'templates', template));
  const word = name.replaceAll('-', '_');
  for (const path of files.list()) {
    if (path === other) continue;
    const text = Buffer.from(files.bytes(path)).toString('utf8');
    const named = text
      .replace(/\bmydevice: \{/g, name === word ? 'mydevice: {' : "'mydevice': {")
      .replace(PLACEHOLDER, (_all, joint: string) => (joint === '' ? name : `${word}_`))
      .replaceAll('../../api.d.ts', `./${TYPES}/api.d.ts`);
    const manifest = path === MANIFEST_NAME;
    yield [
      path.replace(PLACEHOLDER, name),
      manifest
        ? named
            .replace('../../plugin.schema.json', `./${TYPES}/plugin.schema.json`)
            .replace('"index.ts"', `"index.${language}"`)
        : named,
    ];
  }
  yield ['tsconfig.json', `${JSON.stringify(TSCONFIG, undefined, 2)}\n`];
}

/** The public types of the plugin API, and the schema of the manifest, for editors. */
function* typeFiles(root: string): Generator<[path: string, text: string]> {
  const folder = join(root, 'plugins');
  const below = ['services', 'library'].flatMap((part) =>
    readdirSync(join(folder, part)).map((name) => `${part}/${name}`),
  );
  for (const path of ['api.d.ts', ...below, 'plugin.schema.json']) {
    yield [`${TYPES}/${path}`, readFileSync(join(folder, path), 'utf8')];
  }
}
