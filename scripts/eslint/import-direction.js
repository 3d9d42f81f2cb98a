// ESLint rule: an import may only point at a layer below (see layers.js), and a relative import
// names the file with its extension, because Node runs the sources as they are.
import { dirname, extname, relative, resolve, sep } from 'node:path';
import { layerOf } from './layers.js';

/** @typedef {import('./layers.js').Layer} Layer */

/** @type {import('eslint').Rule.RuleModule} */
export const importDirection = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      layer: '{{from}} may not import {{to}}: imports point one way (scripts/eslint/layers.js).',
      outside: '{{from}} may not import {{specifier}}, which is outside every layer it may use.',
      package: '{{from}} may not import the package {{specifier}}.',
      extension: 'Name the file with its extension: Node runs the sources as they are.',
    },
  },
  create(context) {
    const path = projectPath(context.cwd, context.filename);
    const layer = layerOf(path);
    if (!layer) return {};

    /** @param {any} node the string literal that names the module */
    const check = (node) => {
      if (node?.type !== 'Literal' || typeof node.value !== 'string') return;
      const problem = problemOf(layer, context.cwd, path, node.value);
      if (problem) context.report({ node, ...problem });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      /** @param {any} node */
      TSImportType: (node) => check(node.source),
      // A worker's file: new URL('./engine-worker.ts', import.meta.url)
      'NewExpression[callee.name="URL"][arguments.1.type="MemberExpression"]': (
        /** @type {any} */ node,
      ) => check(node.arguments[0]),
    };
  },
};

/**
 * @param {Layer} layer of the importing file
 * @param {string} root the project folder
 * @param {string} path of the importing file, relative to the root
 * @param {string} specifier
 * @returns {{ messageId: string, data: Record<string, string> } | null}
 */
function problemOf(layer, root, path, specifier) {
  const from = layer.name;
  if (!specifier.startsWith('.')) {
    const { packages } = layer;
    const allowed =
      typeof packages === 'function'
        ? packages(specifier)
        : packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    return allowed ? null : { messageId: 'package', data: { from, specifier } };
  }
  const bare = specifier.replace(/\?.*$/, '');
  if (!bare.endsWith('/') && extname(bare) === '') return { messageId: 'extension', data: {} };
  const target = projectPath(root, resolve(root, dirname(path), bare));
  const to = layerOf(target);
  if (to === layer) return null;
  if (!to) {
    return { messageId: 'outside', data: { from, specifier } };
  }
  return layer.layers.includes(to.name)
    ? null
    : { messageId: 'layer', data: { from, to: to.name } };
}

/**
 * @param {string} root
 * @param {string} file
 * @returns {string}
 */
function projectPath(root, file) {
  return relative(root, file).split(sep).join('/');
}
