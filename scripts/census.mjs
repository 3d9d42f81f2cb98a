// npm run census [-- --at REV] [--json]: what the promise "every fact is declared once" is measured
// by, of the working tree or of a revision: lines by area, casts, repeated stretches, schema
// languages, and in how many files the name of each kind of extension stands. Reads, writes nothing.
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { casts } from './census/casts.mjs';
import { EXTENSIONS, filesNaming } from './census/extensions.mjs';
import { proseLines } from './census/prose.mjs';
import { repeats, shapeOf, WINDOW } from './census/repeats.mjs';
import { SCHEMA_LANGUAGES } from './census/schema-languages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const AREAS = [
  ...['src/shared', 'src/main/engine/core', 'src/main/engine/kernel', 'src/main/engine/lab'],
  ...['src/main/engine', 'src/main/plugins', 'src/main/sessions', 'src/main/formats'],
  ...['src/main/bench', 'src/main/shells', 'src/preload', 'src/renderer'],
  ...['plugins', 'scripts', 'test'],
];

/** @typedef {{ path: string, text: string }} Source */

/**
 * @param {string} folder a project
 * @returns {Source[]} its code, by path
 */
export function sourcesOf(folder) {
  const paths = globSync('{src,plugins,scripts,test}/**/*.{ts,js,mjs,vue}', {
    cwd: folder,
    exclude: (path) => path.includes('node_modules') || path.startsWith('test/fixtures'),
  });
  return paths.sort().map((path) => ({
    path: path.replaceAll(sep, '/'),
    text: readFileSync(join(folder, path), 'utf8'),
  }));
}

/** @param {readonly Source[]} sources */
export function census(sources) {
  const src = sources.filter(({ path }) => path.startsWith('src/'));
  /** @type {Record<string, number>} */
  const lines = {};
  for (const { path, text } of sources) {
    const area = AREAS.filter((name) => path.startsWith(`${name}/`));
    const [longest] = area.sort((a, b) => b.length - a.length);
    const name = longest ?? 'others';
    lines[name] = (lines[name] ?? 0) + text.split('\n').length - 1;
  }
  return {
    lines: { src: src.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0), ...lines },
    prose: proseLines(src),
    casts: {
      src: casts(src),
      plugins: casts(sources.filter((s) => s.path.startsWith('plugins/'))),
    },
    repeats: { src: repeats(src).length, alike: repeats(src, shapeOf).length },
    schemaLanguages: SCHEMA_LANGUAGES.map(({ name, marker }) => ({
      name,
      files: src.filter(({ text }) => marker.test(text)).length,
    })).filter(({ files }) => files > 0),
    extensions: EXTENSIONS.map((one) => ({ ...one, files: filesNaming(sources, one) })),
  };
}

/** @param {ReturnType<typeof census>} counted */
export function printed(counted) {
  const { lines, prose, casts: cast, repeats: again, schemaLanguages, extensions } = counted;
  const out = ['lines of .ts, .js, .mjs and .vue'];
  for (const [area, count] of Object.entries(lines)) out.push(`  ${area}  ${count}`);
  out.push(
    `lines of src that are prose of declarations alone: ${prose}, others ${lines.src - prose}`,
  );
  out.push('casts in src (`x as T`, not `as const`, by syntax; in .vue the scripts)');
  out.push(`  ${cast.src.casts}, of them \`as unknown as\` ${cast.src.throughUnknown}`);
  out.push(`the type any in src: ${cast.src.any}`);
  out.push(`repeated in src: ${again.src} pairs of stretches of ${WINDOW} or more equal lines`);
  out.push(`  ${again.alike} pairs alike but for names, strings and numbers`);
  out.push('  (spaces at both ends, blank lines, comments, imports and lone brackets left out)');
  out.push(
    `schema languages in src: ${schemaLanguages.length} of the ${SCHEMA_LANGUAGES.length} looked for`,
  );
  for (const { name, files } of schemaLanguages) out.push(`  ${name}  (${files} files)`);
  out.push('files outside tests that name one of each kind, its own left out');
  for (const { kind, name, files } of extensions) {
    const told = files === undefined ? 'not there' : `${files.length}`;
    out.push(`  ${kind} ${name}  ${told}${files?.length ? `  ${files.join(' ')}` : ''}`);
  }
  return `${out.join('\n')}\n`;
}

/**
 * Runs `work` over the tree of a revision, unpacked beside the project for as long as it takes.
 *
 * @template T
 * @param {string} folder a git repository
 * @param {string} revision
 * @param {(folder: string) => T} work
 * @returns {T}
 */
export function atRevision(folder, revision, work) {
  const unpacked = mkdtempSync(join(tmpdir(), 'pfnlab-census-'));
  try {
    const maxBuffer = 2 ** 30;
    const tar = execFileSync('git', ['archive', revision], {
      cwd: folder,
      maxBuffer,
      stdio: 'pipe',
    });
    execFileSync('tar', ['-x', '-C', unpacked], { input: tar });
    return work(unpacked);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
}

/**
 * @param {readonly string[]} argv
 * @returns {number} the exit code
 */
function main(argv) {
  const rest = argv.filter((word) => word !== '--json');
  const [option, revision, ...more] = rest;
  if (rest.length > 0 && (option !== '--at' || revision === undefined || more.length > 0)) {
    process.stderr.write('pfnlab: usage: npm run census [-- --at REV] [--json]\n');
    return 2;
  }
  const count = (/** @type {string} */ folder) => census(sourcesOf(folder));
  let counted;
  try {
    counted = revision === undefined ? count(root) : atRevision(root, revision, count);
  } catch (error) {
    process.stderr.write(`pfnlab: ${revision}: no revision that git can unpack (${error})\n`);
    return 2;
  }
  const json = argv.includes('--json');
  process.stdout.write(json ? `${JSON.stringify(counted, null, 2)}\n` : printed(counted));
  return 0;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
