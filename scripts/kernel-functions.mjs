// The kernel functions the engine models, read from its source: every `operation(name, source, ...)`
// and `leaf(...)`, with each name it can have (names follow the era, and factories make several).
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { resolveEra } from '../src/main/engine/core/era/era.ts';
import { ARCHITECTURES } from '../src/shared/lab/architecture.ts';
import { MODELLED_RELEASES, resolveVersion } from '../src/main/engine/core/era/version.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @typedef {object} Definition of a kernel function
 * @property {string[]} names every name its steps can have
 * @property {string} binding the constant that holds it, '' where it has none
 * @property {string} source `file:function` as declared
 * @property {string} file relative to the project
 * @property {number} line from 1
 */

/**
 * What the parameters of the functions around an expression stand for.
 * @typedef {Map<ts.Node, { expression: ts.Expression, env: Env }>} Env
 */

/**
 * @param {string} folder
 * @param {string} ending of a file's name
 * @returns {string[]} absolute paths, sorted
 */
export function filesBelow(folder, ending) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * @param {string} path
 * @returns {ts.SourceFile}
 */
export function parse(path) {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
}

/**
 * @param {string} folder of the engine, absolute
 * @returns {Definition[]}
 */
export function kernelFunctions(folder = join(ROOT, 'src/main/engine')) {
  // The core says what an operation is, and has none.
  const files = filesBelow(folder, '.ts').filter((path) => !path.startsWith(join(folder, 'core')));
  return files.flatMap((path) => definitionsIn(parse(path)));
}

/**
 * @param {readonly Definition[]} definitions
 * @returns {Map<string, Definition[]>} names that several definitions have, other than those the
 *   kernel itself has in several files: the twins of architectures and memory models
 */
export function sharedNames(definitions) {
  /** @type {Map<string, Definition[]>} */
  const byName = new Map();
  for (const one of definitions) {
    for (const name of one.names) byName.set(name, [...(byName.get(name) ?? []), one]);
  }
  return new Map([...byName].filter(([name, all]) => all.length > 1 && !areTwins(name, all)));
}

/** @param {string} name @param {readonly Definition[]} all */
function areTwins(name, all) {
  const files = all.map(({ source }) => source.split(', ').find((one) => one.endsWith(`:${name}`)));
  return files.every((file) => file !== undefined) && new Set(files).size === files.length;
}

/** Every modelled kernel on every architecture. */
const ERAS = MODELLED_RELEASES.flatMap((text) => {
  const resolved = resolveVersion(text);
  if ('problem' in resolved) throw new Error(resolved.problem);
  return ARCHITECTURES.map((arch) => resolveEra(text, resolved, arch));
});

/**
 * @param {string} name of an era switch
 * @returns {string[]} the texts it has in any modelled release
 */
function textsOfSwitch(name) {
  const values = ERAS.map((era) => era.get(/** @type {never} */ (name)));
  return values.filter((value) => typeof value === 'string');
}

/**
 * @param {ts.SourceFile} source
 * @returns {Definition[]}
 */
function definitionsIn(source) {
  /** @type {Definition[]} */
  const definitions = [];
  const reader = new Reader(source);
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isCallExpression(node) && isDeclaration(node)) {
      for (const { env, at } of reader.environments(node)) {
        const [name, where] = node.arguments;
        if (!name || !where) continue;
        const names = [...new Set(reader.texts(name, env))];
        const { line } = source.getLineAndCharacterOfPosition(at.getStart());
        definitions.push({
          names,
          binding: bindingOf(at),
          source: reader.texts(where, env)[0] ?? '',
          file: relative(ROOT, source.fileName),
          line: line + 1,
        });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return definitions;
}

/**
 * Of the kernel: not an entry of a lab's program (`user`) nor a driver's own code (`plugin`).
 * @param {ts.CallExpression} node
 */
function isDeclaration({ expression, arguments: args }) {
  if (!ts.isIdentifier(expression) || !['operation', 'leaf'].includes(expression.text))
    return false;
  if (args.length < 3) return false;
  const [, , , options] = args;
  return !(options && /\bkind: '(user|plugin)'/.test(options.getText()));
}

/**
 * @param {ts.Node} node
 * @returns {string} the constant, or the member of one, that holds what the call gives
 */
function bindingOf(node) {
  for (let at = node.parent; at; at = at.parent) {
    if (ts.isVariableDeclaration(at)) return at.name.getText();
    if (ts.isFunctionLike(at) || ts.isSourceFile(at)) return '';
  }
  return '';
}

/** Reads what expressions of a file can be, as far as its own text says. */
class Reader {
  /** @param {ts.SourceFile} source */
  constructor(source) {
    this.source = source;
    /** @type {Map<string, ts.Node>} functions and constants, wherever they stand */
    this.declared = new Map();
    /** @type {Map<string, ts.CallExpression[]>} calls by name */
    this.calls = new Map();
    /** @param {ts.Node} node */
    const visit = (node) => {
      if (ts.isFunctionDeclaration(node) && node.name) this.declared.set(node.name.text, node);
      if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
        this.declared.set(node.name.text, node.initializer);
      }
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
        const { text } = node.expression;
        this.calls.set(text, [...(this.calls.get(text) ?? []), node]);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }

  /**
   * The ways the functions around a node are called in this file; one way where there is none.
   * @param {ts.Node} node
   * @returns {{ env: Env, at: ts.Node }[]} `at`: the outermost call
   */
  environments(node) {
    const around = enclosingFunction(node);
    const name = around && nameOf(around);
    const calls = name ? (this.calls.get(name) ?? []) : [];
    if (!around || calls.length === 0) return [{ env: new Map(), at: node }];
    return calls.flatMap((call) =>
      this.environments(call).map(({ env, at }) => ({ env: bind(around, call, env), at })),
    );
  }

  /**
   * @param {ts.Node} node
   * @param {Env} env
   * @param {number} depth
   * @returns {string[]} the texts it can be; none where the file does not say
   */
  texts(node, env, depth = 0) {
    if (depth > 12) return [];
    /** @param {ts.Node} one @param {Env} inside */
    const of = (one, inside = env) => this.texts(one, inside, depth + 1);
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isConditionalExpression(node)) return [...of(node.whenTrue), ...of(node.whenFalse)];
    if (ts.isBinaryExpression(node)) return [...of(node.left), ...of(node.right)];
    if (ts.isTemplateExpression(node)) {
      return node.templateSpans.reduce(
        (sofar, { expression, literal }) =>
          sofar.flatMap((text) => of(expression).map((part) => text + part + literal.text)),
        [node.head.text],
      );
    }
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return of(node.expression);
    if (ts.isElementAccessExpression(node)) return of(node.expression);
    if (ts.isObjectLiteralExpression(node)) {
      return node.properties.flatMap((one) =>
        ts.isPropertyAssignment(one) ? of(one.initializer) : [],
      );
    }
    if (ts.isFunctionLike(node)) return returned(node).flatMap((one) => of(one));
    if (ts.isIdentifier(node)) {
      const parameter = parameterOf(node);
      const bound = parameter && env.get(parameter);
      if (bound) return of(bound.expression, bound.env);
      if (parameter) return [];
      const known = this.declared.get(node.text);
      return known ? of(known) : [];
    }
    if (ts.isCallExpression(node)) {
      const { expression: callee } = node;
      const [first] = node.arguments;
      if (ts.isPropertyAccessExpression(callee) && callee.name.text === 'get') {
        const asked = callee.expression.getText().endsWith('era');
        return asked && first && ts.isStringLiteral(first) ? textsOfSwitch(first.text) : [];
      }
      const called = ts.isIdentifier(callee) ? this.declared.get(callee.text) : undefined;
      return called && ts.isFunctionLike(called) ? of(called, bind(called, node, env)) : [];
    }
    return [];
  }
}

/**
 * @param {ts.Node} node
 * @returns {ts.SignatureDeclaration | undefined} the outermost function it stands in
 */
function enclosingFunction(node) {
  let found;
  for (let at = node.parent; at; at = at.parent) if (ts.isFunctionLike(at)) found = at;
  return found;
}

/** @param {ts.SignatureDeclaration} fn */
function nameOf(fn) {
  if (fn.name && ts.isIdentifier(fn.name)) return fn.name.text;
  const { parent } = fn;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : '';
}

/**
 * @param {ts.SignatureDeclaration} fn
 * @param {ts.CallExpression} call
 * @param {Env} env of the call
 * @returns {Env}
 */
function bind(fn, call, env) {
  /** @type {Env} */
  const inside = new Map(env);
  for (const [index, parameter] of fn.parameters.entries()) {
    const given = call.arguments[index] ?? parameter.initializer;
    if (given) inside.set(parameter, { expression: given, env });
  }
  return inside;
}

/** @param {ts.Identifier} node @returns {ts.ParameterDeclaration | undefined} */
function parameterOf(node) {
  for (let at = node.parent; at; at = at.parent) {
    if (!ts.isFunctionLike(at)) continue;
    const found = at.parameters.find(({ name }) => name.getText() === node.text);
    if (found) return found;
    if (declares(at, node.text)) return undefined;
  }
  return undefined;
}

/**
 * Does the function declare the name itself?
 * @param {ts.Node} fn
 * @param {string} name
 */
function declares(fn, name) {
  let found = false;
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name) found = true;
    if (!found) ts.forEachChild(node, visit);
  };
  visit(fn);
  return found;
}

/**
 * @param {ts.SignatureDeclaration} fn
 * @returns {ts.Expression[]} what it returns
 */
function returned(fn) {
  const body = 'body' in fn ? fn.body : undefined;
  if (!body) return [];
  if (!ts.isBlock(body)) return [body];
  /** @type {ts.Expression[]} */
  const found = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isReturnStatement(node) && node.expression) found.push(node.expression);
    else if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}
