// The JavaScript of a template that is written in TypeScript: types go into JSDoc comments, where the
// same compiler reads them.
import ts from 'typescript';

/** @typedef {{ from: number, to: number, text: string }} Edit */

/**
 * @param {string} source a module with annotations on parameters, results and variables, interfaces,
 *   type aliases, `as` and type-only imports
 * @returns {string}
 */
export function javaScriptOf(source) {
  const file = ts.createSourceFile('index.ts', source, ts.ScriptTarget.ESNext, true);
  /** @type {Edit[]} */
  const edits = [];
  for (const statement of file.statements) editStatement(statement, edits);
  return applied(source, edits);
}

/**
 * @param {string} source
 * @param {Edit[]} edits which do not overlap
 */
function applied(source, edits) {
  let text = source;
  for (const { from, to, text: by } of edits.sort((a, b) => b.from - a.from || b.to - a.to)) {
    text = text.slice(0, from) + by + text.slice(to);
  }
  return text;
}

/**
 * @param {ts.Statement} statement
 * @param {Edit[]} edits
 */
function editStatement(statement, edits) {
  const [from, to] = [statement.getStart(), statement.getEnd()];
  if (ts.isImportDeclaration(statement) && statement.importClause?.isTypeOnly) {
    const names = statement.importClause.namedBindings?.getText();
    edits.push({
      from,
      to,
      text: `/** @import ${names} from ${statement.moduleSpecifier.getText()} */`,
    });
    return;
  }
  if (ts.isInterfaceDeclaration(statement)) {
    const members = statement.members.map((one) => one.getText()).join(' ');
    edits.push({ from, to, text: `/** @typedef {{ ${members} }} ${statement.name.text} */` });
    return;
  }
  if (ts.isTypeAliasDeclaration(statement)) {
    edits.push({
      from,
      to,
      text: `/** @typedef {${statement.type.getText()}} ${statement.name.text} */`,
    });
    return;
  }
  const tags = tagsOf(functionOf(statement));
  if (tags.length > 0) document(statement, tags, edits);
  strip(statement, edits);
}

/**
 * The function a statement declares: `function f() {}` or `const f = () => {}`.
 *
 * @param {ts.Statement} statement
 * @returns {ts.SignatureDeclaration | undefined}
 */
function functionOf(statement) {
  if (ts.isFunctionDeclaration(statement)) return statement;
  if (!ts.isVariableStatement(statement)) return undefined;
  const value = statement.declarationList.declarations[0]?.initializer;
  return value && ts.isArrowFunction(value) ? value : undefined;
}

/** @param {ts.SignatureDeclaration | undefined} declared */
function tagsOf(declared) {
  if (!declared) return [];
  const tags = declared.parameters.flatMap(({ name, type }) =>
    type ? [`@param {${type.getText()}} ${ts.isIdentifier(name) ? name.text : 'args'}`] : [],
  );
  return declared.type ? [...tags, `@returns {${declared.type.getText()}}`] : tags;
}

/**
 * @param {ts.Statement} statement
 * @param {string[]} tags
 * @param {Edit[]} edits
 */
function document(statement, tags, edits) {
  const [comment] = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc).slice(-1);
  const said = comment ? [ts.getTextOfJSDocComment(comment.comment) ?? ''] : [];
  const text = `/**\n${[...said, ...tags].map((line) => ` * ${line}\n`).join('')} */`;
  if (comment) edits.push({ from: comment.getStart(), to: comment.getEnd(), text });
  else edits.push({ from: statement.getStart(), to: statement.getStart(), text: `${text}\n` });
}

/**
 * Takes annotations off everything inside.
 *
 * @param {ts.Node} node
 * @param {Edit[]} edits
 */
function strip(node, edits) {
  if (ts.isParameter(node) && node.type) {
    edits.push({ from: node.name.getEnd(), to: node.type.getEnd(), text: '' });
  } else if (ts.isVariableDeclaration(node) && node.type) {
    const { parent } = node.parent;
    edits.push({ from: node.name.getEnd(), to: node.type.getEnd(), text: '' });
    const at = parent.getStart();
    edits.push({ from: at, to: at, text: `/** @type {${node.type.getText()}} */\n` });
  } else if (ts.isAsExpression(node)) {
    const { expression, type } = node;
    edits.push({
      from: node.getStart(),
      to: node.getStart(),
      text: `/** @type {${type.getText()}} */ (`,
    });
    edits.push({ from: expression.getEnd(), to: node.getEnd(), text: ')' });
  } else if ((ts.isFunctionDeclaration(node) || ts.isArrowFunction(node)) && node.type) {
    const colon = node.getSourceFile().text.lastIndexOf(':', node.type.getStart());
    edits.push({ from: colon, to: node.type.getEnd(), text: '' });
  }
  ts.forEachChild(node, (child) => {
    if (!ts.isTypeNode(child)) strip(child, edits);
  });
}
