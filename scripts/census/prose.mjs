import ts from 'typescript';

/** Where what labs, plugins and users may say is declared, each thing with a sentence of meaning. */
const DECLARATIONS =
  /^src\/shared\/(?:world|lab\/operations|lab\/expectations|plugins\/services|bench\/commands)\//;

/**
 * Lines of declarations on which stands nothing but a text of more than one word: a title, a meaning,
 * an example. `meaning: 'Pages of ...'` is one; a line with code besides is none.
 *
 * @param {readonly { path: string, text: string }[]} sources
 */
export function proseLines(sources) {
  let lines = 0;
  for (const { text } of sources.filter((one) => DECLARATIONS.test(one.path))) {
    for (const line of text.split('\n')) if (isProse(line)) lines += 1;
  }
  return lines;
}

/** @param {string} line */
function isProse(line) {
  const tokens = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, line);
  const kinds = [];
  let words = false;
  for (let kind = tokens.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = tokens.scan()) {
    words ||= kind === ts.SyntaxKind.StringLiteral && tokens.getTokenValue().includes(' ');
    kinds.push(kind);
  }
  const [first, second] = kinds;
  if (first === ts.SyntaxKind.Identifier && second === ts.SyntaxKind.ColonToken) kinds.splice(0, 2);
  const punctuation = new Set([ts.SyntaxKind.CommaToken, ts.SyntaxKind.PlusToken]);
  const rest = kinds.filter((kind) => !punctuation.has(kind));
  return words && rest.length === 1;
}
