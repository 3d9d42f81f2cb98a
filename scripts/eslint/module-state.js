// ESLint rule: a module of the engine holds no state and does nothing when it is imported. What a
// run writes is in its world; who stands behind a pointer is in kernel/wiring.ts. A memo keyed by
// the identity of a world or of facts is a WeakMap and allowed; any other says why where it stands.

/** Methods that change what they are called on. */
const WRITES = new Set([
  ...['set', 'add', 'delete', 'clear'],
  ...['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin'],
]);

/** @type {import('eslint').Rule.RuleModule} */
export const moduleState = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      let: '{{name}} is state of a module: a run keeps its state in the world.',
      written: '{{name}} is written after its module was loaded: state belongs into the world.',
      effect: 'A module does nothing when it is imported: say it in kernel/wiring.ts.',
      bare: 'An import for its side effects: say what it does in kernel/wiring.ts.',
    },
  },
  create(context) {
    return {
      Program(/** @type {any} */ program) {
        const scope = context.sourceCode.getScope(program);
        const own = scope.childScopes.find(({ type }) => type === 'module') ?? scope;
        for (const variable of own.variables) check(context, variable);
        for (const statement of program.body) {
          if (statement.type === 'ImportDeclaration' && isBare(statement)) {
            context.report({ node: statement, messageId: 'bare' });
          }
          if (statement.type === 'ExpressionStatement' && reaches(statement.expression, own)) {
            context.report({ node: statement, messageId: 'effect' });
          }
        }
      },
    };
  },
};

/**
 * A call, or a write, that others see: filling an own table while loading is none.
 * @param {any} expression
 * @param {import('eslint').Scope.Scope} own scope of the module
 */
function reaches(expression, own) {
  const { type, callee, left, argument } = expression;
  if (type === 'CallExpression' && callee.type === 'Identifier') return true;
  let at = type === 'AssignmentExpression' ? left : (callee ?? argument);
  while (at?.type === 'MemberExpression') at = at.object;
  if (at?.type !== 'Identifier') return false;
  const defined = own.set.get(at.name)?.defs ?? [];
  return defined.length === 0 || defined.some((one) => one.type === 'ImportBinding');
}

/** @param {any} statement */
function isBare({ specifiers, importKind, source }) {
  return specifiers.length === 0 && importKind !== 'type' && source.value.startsWith('.');
}

/**
 * @param {import('eslint').Rule.RuleContext} context
 * @param {import('eslint').Scope.Variable} variable of a module
 */
function check(context, variable) {
  const [definition] = variable.defs;
  if (definition?.type !== 'Variable') return;
  const { name } = variable;
  if (definition.parent?.kind !== 'const') {
    context.report({ node: definition.name, messageId: 'let', data: { name } });
    return;
  }
  if (isWeak(definition.node.init)) return;
  const written = variable.references.some(
    (/** @type {any} */ { identifier }) => isLater(identifier) && isWritten(identifier),
  );
  if (written) context.report({ node: definition.name, messageId: 'written', data: { name } });
}

/** @param {any} init */
function isWeak(init) {
  return init?.type === 'NewExpression' && /^Weak(Map|Set)$/.test(init.callee.name ?? '');
}

/**
 * Inside a function: not while the module is loaded.
 * @param {any} node
 */
function isLater(node) {
  for (let at = node.parent; at; at = at.parent) {
    if (/Function|PropertyDefinition/.test(at.type)) return true;
  }
  return false;
}

/**
 * X.set(...), X.a = ..., X[0]++, delete X.a, also below further members.
 * @param {any} identifier
 */
function isWritten(identifier) {
  let at = identifier;
  while (at.parent.type === 'MemberExpression' && at.parent.object === at) {
    at = at.parent;
    const method = at.property.name ?? '';
    const called = at.parent.type === 'CallExpression' && at.parent.callee === at;
    if (called && WRITES.has(method)) return true;
  }
  if (at === identifier) return false;
  const { parent } = at;
  if (parent.type === 'AssignmentExpression') return parent.left === at;
  if (parent.type === 'UnaryExpression') return parent.operator === 'delete';
  return parent.type === 'UpdateExpression';
}
