// ESLint rule: text leaves for a terminal through src/main/shells/output.ts alone, where nothing in it
// is an order to the terminal. Whoever reaches a stream of the process or the console passes it by.

const STREAMS = new Set(['stdout', 'stderr']);
/** What may be asked of a stream: nothing is written by that. */
const READ = new Set(['isTTY', 'columns']);

/** @type {import('eslint').Rule.RuleModule} */
export const terminalText = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      passed: '{{what}} passes by src/main/shells/output.ts, where text leaves for a terminal.',
    },
  },
  create(context) {
    const report = (/** @type {any} */ node, /** @type {string} */ what) =>
      context.report({ node, messageId: 'passed', data: { what } });
    return {
      MemberExpression(/** @type {any} */ node) {
        const name = nameOf(node);
        if (name === 'console' && isNamed(node.object, 'globalThis')) report(node, 'console');
        if (!STREAMS.has(name) || !isProcess(node.object) || isRead(node)) return;
        report(node, `process.${name}`);
      },
      VariableDeclarator(/** @type {any} */ { id, init }) {
        if (id.type !== 'ObjectPattern' || !isProcess(init)) return;
        for (const { key } of id.properties) {
          if (STREAMS.has(key?.name)) report(key, `process.${key.name}`);
        }
      },
      ImportDeclaration(/** @type {any} */ { source, specifiers }) {
        const from = source.value.replace(/^node:/, '');
        if (from !== 'process' && from !== 'console') return;
        for (const one of specifiers) {
          const name = one.imported?.name;
          if (from === 'console') report(one, 'console');
          else if (STREAMS.has(name)) report(one, `process.${name}`);
        }
      },
      CallExpression(/** @type {any} */ node) {
        const [to] = node.arguments;
        const isFile = /^(write|append)/.test(nameOf(node.callee) ?? node.callee.name ?? '');
        if (!isFile || to?.type !== 'Literal') return;
        if (to.value === 1 || to.value === 2) report(node, `file descriptor ${to.value}`);
      },
      Program(/** @type {any} */ program) {
        const { through } = context.sourceCode.getScope(program);
        const globals = context.sourceCode.getScope(program).set.get('console')?.references ?? [];
        for (const { identifier } of [...through, ...globals]) {
          if (identifier.name === 'console') report(identifier, 'console');
        }
      },
    };
  },
};

/**
 * The property of a member expression, where it stands in the source.
 * @param {any} node
 */
function nameOf({ property, computed }) {
  return computed ? property?.value : property?.name;
}

/**
 * @param {any} node
 * @param {string} name
 */
function isNamed(node, name) {
  return node?.type === 'Identifier' && node.name === name;
}

/** @param {any} node */
function isProcess(node) {
  if (isNamed(node, 'process')) return true;
  return node?.type === 'MemberExpression' && nameOf(node) === 'process';
}

/** @param {any} node */
function isRead(node) {
  const { parent } = node;
  return parent.type === 'MemberExpression' && parent.object === node && READ.has(nameOf(parent));
}
