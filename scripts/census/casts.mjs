// Casts and `any`, counted by syntax.
import ts from 'typescript';

/**
 * @param {readonly { path: string, text: string }[]} sources
 * @returns {{ casts: number, throughUnknown: number, any: number }} `casts` without `as const`;
 *   `x as unknown as T` is one of them, once
 */
export function casts(sources) {
  const counted = { casts: 0, throughUnknown: 0, any: 0 };
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) counted.any += 1;
    if ((ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) && !isConst(node.type)) {
      const inner = node.expression;
      if (ts.isAsExpression(inner) && inner.type.kind === ts.SyntaxKind.UnknownKeyword) {
        counted.throughUnknown += 1;
      } else {
        counted.casts += 1;
      }
    }
    ts.forEachChild(node, visit);
  };
  for (const { path, text } of sources) {
    const script = path.endsWith('.vue') ? scriptsOf(text) : text;
    visit(ts.createSourceFile(path.replace(/\.vue$/, '.ts'), script, ts.ScriptTarget.Latest));
  }
  return counted;
}

/** @param {ts.TypeNode} type */
function isConst(type) {
  if (!ts.isTypeReferenceNode(type) || !ts.isIdentifier(type.typeName)) return false;
  return type.typeName.escapedText === 'const';
}

/** @param {string} text of a single-file component */
function scriptsOf(text) {
  return [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)]
    .map(([, code]) => code)
    .join('\n');
}
