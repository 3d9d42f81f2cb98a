// Which modelled kernel functions have a test that bears their name: its title (with those of the
// blocks around it) says the name as a word, its body, or a helper of the same file it uses, runs
// or looks for it by its binding or by its name in a step, and it expects something.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { filesBelow, kernelFunctions, parse } from './kernel-functions.mjs';

/** @typedef {import('./kernel-functions.mjs').Definition} Definition */

/**
 * @typedef {object} Test
 * @property {string} file absolute
 * @property {Set<string>} titled words of its titles, and of the rows of a table they show
 * @property {Set<string>} used identifiers and words of texts in its body and its helpers
 */

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const WORD = /[A-Za-z_][A-Za-z0-9_]*/g;
/** Placeholders of a table's rows in a title: `%s`, `$name`. */
const PLACEHOLDER = /%[sjop]|\$\w/;

/**
 * @param {readonly string[]} folders with tests, absolute
 * @returns {Test[]}
 */
export function namedTests(folders = [join(ROOT, 'test')]) {
  return folders
    .flatMap((folder) => filesBelow(folder, '.test.ts'))
    .flatMap((path) => testsIn(parse(path)));
}

/**
 * @param {readonly Definition[]} definitions
 * @param {readonly Test[]} tests
 * @returns {Map<string, Definition[]>} the functions no test bears the name of, by name: the twins of
 *   several architectures are one function
 */
export function untested(definitions = kernelFunctions(), tests = namedTests()) {
  const without = [...functionsByName(definitions)].filter(
    ([, twins]) => !twins.some((one) => tests.some((test) => bears(test, one))),
  );
  return new Map(without);
}

/**
 * @param {readonly Definition[]} definitions
 * @returns {Map<string, Definition[]>} by the newest kernel's name
 */
export function functionsByName(definitions) {
  return Map.groupBy(definitions, ({ names: [name], binding }) => name ?? binding);
}

/**
 * @param {readonly Definition[]} definitions
 * @param {readonly Test[]} tests
 * @returns {string[]} files with a test whose title says the name of a function, absolute
 */
export function filesOfTitles(definitions, tests = namedTests()) {
  const known = new Set(definitions.flatMap(knownAs));
  const bearing = tests.filter(({ titled }) => [...titled].some((word) => known.has(word)));
  return [...new Set(bearing.map(({ file }) => file))];
}

/**
 * @param {Definition} definition
 * @returns {string[]} what a title may call it
 */
export function knownAs({ names, binding }) {
  return [...names, ...(binding ? [binding] : [])];
}

/** @param {Test} test @param {Definition} definition */
function bears({ titled, used }, definition) {
  const known = knownAs(definition);
  return known.some((name) => titled.has(name)) && known.some((name) => used.has(name));
}

/**
 * @param {ts.SourceFile} source
 * @returns {Test[]}
 */
function testsIn(source) {
  const helpers = declarations(source);
  /** @type {Test[]} */
  const tests = [];
  /** @param {ts.Node} node @param {readonly string[]} above words of titles around */
  const visit = (node, above) => {
    const block = ts.isCallExpression(node) ? blockOf(node) : undefined;
    if (!block) {
      ts.forEachChild(node, (child) => visit(child, above));
      return;
    }
    const words = [...above, ...titleWords(block, helpers)];
    if (block.kind === 'describe') {
      ts.forEachChild(block.body, (child) => visit(child, words));
      return;
    }
    const used = wordsUsed(block.body, helpers);
    for (const word of rowWords(block, helpers)) used.add(word);
    if (used.has('expect')) tests.push({ file: source.fileName, titled: new Set(words), used });
  };
  visit(source, []);
  return tests;
}

/**
 * @param {ts.CallExpression} node
 * @returns {{ kind: 'describe' | 'it', title: ts.Expression, body: ts.Node, node: ts.Node,
 *   table: ts.Node | undefined } | undefined}
 */
function blockOf(node) {
  const [title, ...rest] = node.arguments;
  const body = rest.find((one) => ts.isFunctionLike(one));
  if (!title || !body) return undefined;
  /** @type {ts.Node} */
  let callee = node.expression;
  /** @type {ts.Node | undefined} */
  let table;
  if (ts.isCallExpression(callee)) {
    [table] = callee.arguments;
    callee = callee.expression;
  }
  while (ts.isPropertyAccessExpression(callee)) callee = callee.expression;
  if (!ts.isIdentifier(callee)) return undefined;
  if (callee.text === 'describe') return { kind: 'describe', title, body, node, table };
  const isTest = callee.text === 'it' || callee.text === 'test';
  return isTest ? { kind: 'it', title, body, node, table } : undefined;
}

/**
 * @param {{ title: ts.Expression, node: ts.Node, table: ts.Node | undefined }} block
 * @param {Map<string, ts.Node>} helpers
 * @returns {string[]} its words, and where the title shows rows of a table or of a loop, theirs
 */
function titleWords({ title, node, table }, helpers) {
  const text = textsIn(title);
  const shown = [];
  if (table && text.some((one) => PLACEHOLDER.test(one))) shown.push(table);
  if (!ts.isStringLiteralLike(title)) {
    for (let at = node.parent; at; at = at.parent) {
      if (ts.isForOfStatement(at)) shown.push(at.expression);
    }
  }
  return [...words(text), ...shown.flatMap((one) => words(textsIn(resolved(one, helpers))))];
}

/**
 * A table's rows are what its test runs, where the test takes them.
 * @param {{ body: ts.Node, table: ts.Node | undefined }} block
 * @param {Map<string, ts.Node>} helpers
 * @returns {string[]} words of their texts
 */
function rowWords({ body, table }, helpers) {
  const takes = ts.isFunctionLike(body) && body.parameters.length > 0;
  return table && takes ? words(textsIn(resolved(table, helpers))) : [];
}

/** @param {readonly string[]} texts */
function words(texts) {
  return texts.flatMap((one) => one.match(WORD) ?? []);
}

/** @param {ts.Node} node @param {Map<string, ts.Node>} helpers */
function resolved(node, helpers) {
  return (ts.isIdentifier(node) && helpers.get(node.text)) || node;
}

/**
 * @param {ts.Node} node
 * @returns {string[]} every literal text in it
 */
function textsIn(node) {
  /** @type {string[]} */
  const found = [];
  /** @param {ts.Node} one */
  const visit = (one) => {
    if (
      ts.isStringLiteralLike(one) ||
      ts.isTemplateHead(one) ||
      ts.isTemplateMiddleOrTemplateTail(one)
    ) {
      found.push(one.text);
    }
    ts.forEachChild(one, visit);
  };
  visit(node);
  return found;
}

/**
 * @param {ts.Node} body of a test
 * @param {Map<string, ts.Node>} helpers
 * @returns {Set<string>} identifiers and words of texts, with those of the helpers it names
 */
function wordsUsed(body, helpers) {
  /** @type {Set<string>} */
  const used = new Set();
  /** @type {Set<ts.Node>} */
  const seen = new Set();
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      used.add(node.text);
      const helper = helpers.get(node.text);
      if (helper && !seen.has(helper)) {
        seen.add(helper);
        visit(helper);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  for (const node of [body, ...seen]) {
    for (const text of textsIn(node)) for (const word of text.match(WORD) ?? []) used.add(word);
  }
  return used;
}

/**
 * @param {ts.SourceFile} source
 * @returns {Map<string, ts.Node>} functions and constants of the file, by name
 */
function declarations(source) {
  /** @type {Map<string, ts.Node>} */
  const found = new Map();
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isFunctionDeclaration(node) && node.name) found.set(node.name.text, node);
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      found.set(node.name.text, node.initializer);
    }
    // What a test does is its own, even where a block around it holds helpers.
    const isTest = ts.isCallExpression(node) && blockOf(node)?.kind === 'it';
    if (!isTest) ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
