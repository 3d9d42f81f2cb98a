// Which folders of the engine import each other in circles: a knot is a set of folders each of which
// reaches every other through imports. Prints the knots, and the imports that tie them.
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { filesBelow, parse } from './kernel-functions.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const ENGINE = join(ROOT, 'src/main/engine');

/** @typedef {Map<string, Map<string, string[]>>} Edges imports by importing and imported folder */

/**
 * @param {boolean} types count `import type` as well
 * @param {string} root with folders of tiers, which hold the folders that are told apart
 * @returns {Edges}
 */
export function folderImports(types, root = ENGINE) {
  /** @type {Edges} */
  const edges = new Map();
  for (const path of filesBelow(root, '.ts')) {
    for (const statement of parse(path).statements) {
      const named = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
      if (!named || !statement.moduleSpecifier) continue;
      const { text } = /** @type {ts.StringLiteral} */ (statement.moduleSpecifier);
      if (!text.startsWith('.') || (!types && isTypeOnly(statement))) continue;
      const target = resolve(dirname(path), text);
      const [from, to] = [folderOf(root, path), folderOf(root, target)];
      if (from === to || to.startsWith('..')) continue;
      const there = edges.get(from) ?? new Map();
      edges.set(from, there);
      there.set(to, [
        ...(there.get(to) ?? []),
        `${relative(root, path)} <- ${relative(root, target)}`,
      ]);
    }
  }
  return edges;
}

/**
 * @param {Edges} edges
 * @returns {string[][]} sets of folders that reach each other, the largest first, sorted
 */
export function knots(edges) {
  /** @type {Map<string, Set<string>>} */
  const reach = new Map();
  for (const start of edges.keys()) {
    const seen = new Set();
    const next = [start];
    for (let at = next.pop(); at !== undefined; at = next.pop()) {
      for (const to of edges.get(at)?.keys() ?? []) {
        if (!seen.has(to)) next.push(to);
        seen.add(to);
      }
    }
    reach.set(start, seen);
  }
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const [folder, seen] of reach) {
    if (!seen.has(folder)) continue;
    const knot = [...seen].filter((other) => reach.get(other)?.has(folder)).sort();
    found.set(knot.join(' '), knot);
  }
  return [...found.values()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

/** @param {ts.ImportDeclaration | ts.ExportDeclaration} statement */
function isTypeOnly(statement) {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly;
  const clause = statement.importClause;
  if (!clause || clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return clause !== undefined;
  const bindings = clause.namedBindings;
  return (
    !clause.name &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every((one) => one.isTypeOnly)
  );
}

/** @param {string} root @param {string} path */
function folderOf(root, path) {
  const [tier = '', folder = ''] = relative(root, path).split(sep);
  return `${tier}/${folder}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const types of [false, true]) {
    const edges = folderImports(types);
    const found = knots(edges);
    console.log(`${types ? 'with types' : 'values'}: ${found.length} knots`);
    for (const knot of found) {
      console.log(`  ${knot.join(', ')}`);
      for (const from of knot) {
        for (const [to, imports] of edges.get(from) ?? []) {
          if (!knot.includes(to)) continue;
          console.log(`    ${from} -> ${to}: ${imports.length}`);
          for (const one of imports.length < 4 ? imports : []) console.log(`      ${one}`);
        }
      }
    }
  }
}
