// What of a function can run after what, as far as its text says.

/** @typedef {any} Node of the syntax tree, which knows its parent */

const LEAVES = new Set([
  'ReturnStatement',
  'ThrowStatement',
  'ContinueStatement',
  'BreakStatement',
]);

/** @param {Node} node @param {Node} outer */
export function within(node, outer) {
  return node.range[0] >= outer.range[0] && node.range[1] <= outer.range[1];
}

/**
 * Does the function leave between the two, wherever the first has run? A block around the first alone
 * ends with `return`, or the first is part of such a statement.
 * @param {Node} first
 * @param {Node} second after it in the text
 */
export function alwaysLeaves(first, second) {
  for (let at = first; at && !within(second, at); at = at.parent) {
    if (LEAVES.has(at.type)) return true;
    if (at.type === 'BlockStatement' && LEAVES.has(at.body.at(-1)?.type)) return true;
    if (at.type === 'SwitchCase' && LEAVES.has(at.consequent.at(-1)?.type)) return true;
  }
  return false;
}

/**
 * Do the two stand in branches of which only one runs?
 * @param {Node} first
 * @param {Node} second
 */
export function isExclusive(first, second) {
  for (let at = first; at.parent; at = at.parent) {
    const { parent } = at;
    const branches = parent.type === 'IfStatement' || parent.type === 'ConditionalExpression';
    if (branches && at === parent.consequent && parent.alternate) {
      if (within(second, parent.alternate)) return true;
    }
    if (within(second, parent)) return false;
  }
  return false;
}
