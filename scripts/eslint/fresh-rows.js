// ESLint rule: nothing that is written after a yield is computed from a row of the world that was read
// before it. Others run at every yield, so the row may say something else by then, and what they wrote
// would be lost. Typed: a row is a value of one of the `Tables`, alone, in a list or in a record.
import ts from 'typescript';
import { alwaysLeaves, isExclusive, within } from './control-flow.js';

/** What may be written from a row that is old: names and places, which stay what they are. */
const FIXED = new Set(['start', 'end', 'id', 'nr', 'key', 'mm', 'nid', 'actor', 'inode', 'fs']);

/** Methods of the world that write, and which of their arguments is what they write. */
const WRITES = new Map([
  ['put', 1],
  ['patch', 2],
  ['set', 3],
  ['update', 3],
]);

/** @typedef {any} Node of the syntax tree */

/** Functions that write a row they are given, and which of their arguments it is. */
const WRITERS = new Map([['changeVma', 1]]);

/** What declares a kernel function: others run between the call of one and its body. */
const DECLARES = new Set(['leaf', 'operation']);

/** @type {import('eslint').Rule.RuleModule} */
export const freshRows = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      stale:
        '{{name}} was read from the world in line {{line}}, and others ran since: read it again before what depends on it is written.',
      given:
        '{{name}} was read by who called this function, and others ran since: read it again before what depends on it is written.',
    },
  },
  create(context) {
    const types = new RowTypes(context.sourceCode.parserServices);
    /** @type {Frame[]} */
    const frames = [];
    /** @param {Node} node */
    const enter = (node) => frames.push(new Frame(node));
    const leave = () => frames.pop()?.report(context, types);
    return {
      ':function': enter,
      ':function:exit': leave,
      YieldExpression: (/** @type {Node} */ node) => frames.at(-1)?.yields.push(node),
      CallExpression(/** @type {Node} */ node) {
        const written = writtenBy(node);
        // A callback of update() runs at once, and belongs to the function around it.
        const frame = frames.findLast(({ isKernel, isGenerator }) => isKernel || isGenerator);
        if (written && frame) frame.writes.push(written);
      },
    };
  },
};

/** A function being read: where it yields, and what it writes. */
class Frame {
  /** @param {Node} node */
  constructor(node) {
    /** @type {Node} */
    this.node = node;
    const { parent } = node;
    this.isGenerator = node.generator === true;
    this.isKernel = parent.type === 'CallExpression' && DECLARES.has(parent.callee.name);
    /** @type {Node[]} */
    this.yields = [];
    /** @type {Node[]} */
    this.writes = [];
  }

  /**
   * @param {import('eslint').Rule.RuleContext} context
   * @param {RowTypes} types
   */
  report(context, types) {
    const origins = new Origins(context.sourceCode, this, types);
    for (const written of this.writes) {
      for (const name of takenFrom(written, types)) {
        const origin = origins.of(name, 0);
        if (!origin) continue;
        const given =
          this.isKernel && this.node.params.some((/** @type {Node} */ one) => within(origin, one));
        if (!given && !this.othersRan(origin, written)) continue;
        const data = { name: name.name, line: String(origin.loc.start.line) };
        context.report({ node: name, messageId: given ? 'given' : 'stale', data });
      }
    }
  }

  /** @param {Node} origin where the row was read @param {Node} written */
  othersRan(origin, written) {
    const [, from] = origin.range;
    const loop = loopsAround(written, this.node).find((one) => !within(origin, one));
    return this.yields.some((at) => {
      if (within(at, origin)) return false;
      if (loop && within(at, loop)) return true;
      const between = at.range[0] >= from && at.range[1] <= written.range[0];
      return between && !alwaysLeaves(at, written) && !isExclusive(at, written);
    });
  }
}

/** Where the rows behind names were read. */
class Origins {
  /**
   * @param {import('eslint').SourceCode} source
   * @param {Frame} frame
   * @param {RowTypes} types
   */
  constructor(source, frame, types) {
    this.source = source;
    this.frame = frame;
    this.types = types;
  }

  /**
   * @param {Node} name
   * @param {number} depth
   * @returns {Node | undefined} what was read first of what the name was computed from
   */
  of(name, depth) {
    const definition = this.variable(name)?.defs[0];
    if (!definition || depth > 8) return undefined;
    const { type, node } = definition;
    if (type === 'Parameter') {
      const own = node === this.frame.node;
      return own && this.types.holdsRow(definition.name) ? definition.name : undefined;
    }
    if (type !== 'Variable' || !within(node, this.frame.node)) return undefined;
    const init = node.init ?? loopOf(node)?.right;
    if (!init || !this.carries(node, definition.name)) return undefined;
    if (init.type === 'YieldExpression') return this.types.holdsRow(init) ? init : undefined;
    if (callsIn(init).some((call) => this.types.holdsRow(call))) return init;
    const earlier = takenFrom(init, this.types)
      .map((one) => this.of(one, depth + 1))
      .filter((one) => one !== undefined);
    return earlier.sort((a, b) => a.range[0] - b.range[0])[0];
  }

  /**
   * Is what a pattern takes out a part of a row? Of a record that has a row beside other things only
   * the row is.
   * @param {Node} declarator
   * @param {Node} name
   */
  carries({ id, init }, name) {
    if (id.type === 'Identifier') return true;
    const key = name.parent.type === 'Property' ? name.parent.key.name : '';
    if (init && !this.types.isRow(init) && this.types.holdsRow(init))
      return this.types.holdsRow(name);
    return !FIXED.has(key);
  }

  /** @param {Node} name */
  variable(name) {
    /** @type {import('eslint').Scope.Scope | null} */
    let scope = this.source.getScope(name);
    for (; scope; scope = scope.upper) {
      const found = scope.set.get(name.name);
      if (found) return found;
    }
    return undefined;
  }
}

/** @param {Node} declarator @returns {Node | undefined} the for..of it is the variable of */
function loopOf({ parent: { parent } }) {
  return parent?.type === 'ForOfStatement' ? parent : undefined;
}

/** @param {Node} node @param {Node} until @returns {Node[]} innermost first */
function loopsAround(node, until) {
  const found = [];
  for (let at = node.parent; at && at !== until; at = at.parent) {
    if (/^(For|While|DoWhile)/.test(at.type)) found.push(at);
  }
  return found;
}

/** @param {Node} call @returns {Node | undefined} what `k.world.put()` and its like write */
function writtenBy({ callee, arguments: args }) {
  if (callee.type === 'Identifier') return args[WRITERS.get(callee.name) ?? -1];
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return undefined;
  const { object } = callee;
  const isWorld =
    (object.type === 'Identifier' && object.name === 'world') ||
    (object.type === 'MemberExpression' && object.property.name === 'world');
  return isWorld ? args[WRITES.get(callee.property.name) ?? -1] : undefined;
}

/**
 * @param {Node} node
 * @param {RowTypes} types
 * @returns {Node[]} names of what it takes values from, but for fixed members of rows
 */
function takenFrom(node, types) {
  /** @type {Node[]} */
  const found = [];
  visit(node, (one) => {
    if (one.type === 'Identifier' && isValue(one) && !onlyFixed(one, types)) found.push(one);
    return true;
  });
  return found;
}

/**
 * Is only what stays as it is taken of a name: `row.start`, or what a record has beside its row?
 * @param {Node} name
 * @param {RowTypes} types
 */
function onlyFixed(name, types) {
  let at = name;
  for (; at.parent.type === 'MemberExpression' && at.parent.object === at; at = at.parent) {
    if (types.isRow(at)) return !at.parent.computed && FIXED.has(at.parent.property.name);
  }
  return at !== name && types.holdsRow(name) && !types.holdsRow(at);
}

/** @param {Node} node */
function callsIn(node) {
  /** @type {Node[]} */
  const found = [];
  visit(node, (one) => {
    if (one.type === 'CallExpression') found.push(one);
    return one.type !== 'YieldExpression';
  });
  return found;
}

/** Is the identifier a value, and not the name of a member? @param {Node} node */
function isValue({ parent, ...node }) {
  if (parent.type === 'MemberExpression')
    return parent.computed || parent.object.range[0] === node.range[0];
  return true;
}

/** Members of a node that are no part of what it computes. */
const BESIDE = new Set([
  'parent',
  'loc',
  'range',
  'typeAnnotation',
  'typeArguments',
  'typeParameters',
]);

/** @param {Node} node @param {(node: Node) => boolean} into whether to go on below it */
function visit(node, into) {
  if (!into(node)) return;
  const named = node.type === 'Property' && !node.computed;
  for (const [key, value] of Object.entries(node)) {
    if (BESIDE.has(key) || (named && key === 'key')) continue;
    for (const child of [value].flat()) {
      if (child && typeof child.type === 'string') visit(child, into);
    }
  }
}

/** @type {WeakMap<ts.Program, Set<ts.Type>>} */
const known = new WeakMap();

/** Tells rows of the world from other values. */
class RowTypes {
  /** @param {any} services of the parser */
  constructor({ program, esTreeNodeToTSNodeMap }) {
    this.checker = program.getTypeChecker();
    this.nodes = esTreeNodeToTSNodeMap;
    this.rows = known.get(program) ?? rowTypes(program);
    known.set(program, this.rows);
  }

  /** Is it a row, or a row or nothing? @param {Node} node */
  isRow(node) {
    const type = this.typeOf(node);
    return this.rows.has(type) || (type.isUnion() && type.types.some((one) => this.rows.has(one)));
  }

  /** Is it a row, a list of rows, or a record that has one? @param {Node} node */
  holdsRow(node) {
    return this.holds(this.typeOf(node), 0);
  }

  /** @param {Node} node @returns {ts.Type} */
  typeOf(node) {
    return this.checker.getTypeAtLocation(this.nodes.get(node));
  }

  /** @param {ts.Type} type @param {number} depth @returns {boolean} */
  holds(type, depth) {
    if (this.rows.has(type)) return true;
    if (depth > 2) return false;
    if (type.isUnion()) return type.types.some((one) => this.holds(one, depth));
    const { checker } = this;
    const element = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (element) return this.holds(element, depth + 1);
    if (!(type.flags & ts.TypeFlags.Object) || type.getCallSignatures().length > 0) return false;
    const text = checker.typeToString(type);
    if (/^(World|Kernel|Facts|Map|Set|Operation)\b/.test(text)) return false;
    if (/^(IterableIterator|Generator|Iterable)</.test(text)) {
      const [given] = checker.getTypeArguments(/** @type {ts.TypeReference} */ (type));
      return given !== undefined && this.holds(given, depth + 1);
    }
    return type.getProperties().some((one) => this.holds(checker.getTypeOfSymbol(one), depth + 1));
  }
}

/** @param {ts.Program} program @returns {Set<ts.Type>} the records of every table */
function rowTypes(program) {
  const checker = program.getTypeChecker();
  const file = program
    .getSourceFiles()
    .find(({ fileName }) => fileName.endsWith('src/shared/world/tables.ts'));
  const module = file && checker.getSymbolAtLocation(file);
  const tables = module && checker.getExportsOfModule(module).find(({ name }) => name === 'Tables');
  if (!tables) return new Set();
  const properties = checker.getDeclaredTypeOfSymbol(tables).getProperties();
  return new Set(properties.map((one) => checker.getTypeOfSymbol(one)));
}
