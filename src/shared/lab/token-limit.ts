/** How much a lab file may hold: asked of its tokens, before anything is made of them. */
import { CST, Lexer } from 'yaml';

/** Keys and values, and as many lines, entries or signs of one kind; the largest machine has fewer. */
export const MAX_WORDS = 32_768;

/** What is counted together; every other token counts with its own kind. */
const COUNTED_AS: Readonly<Record<string, string>> = {
  ...{ 'single-quoted-scalar': 'scalar', 'double-quoted-scalar': 'scalar', alias: 'scalar' },
  ...{ 'flow-seq-start': 'group', 'flow-map-start': 'group', 'seq-item-ind': 'group' },
};
/** What the lexer says between the tokens of the text. */
const MARKS: readonly string[] = ['doc-mode', 'flow-error-end', 'scalar'];
/** What costs nothing. */
const FREE: readonly string[] = ['space', 'comment', 'doc-mode', 'flow-error-end'];

/** Where the first token stands that is one too many of its kind; undefined where none is. */
export function oneTooMany(text: string): number | undefined {
  const counts = new Map<string, number>();
  let offset = 0;
  let isText = false;
  for (const token of new Lexer().lex(text)) {
    // What follows the mark of a scalar is its text, whatever it looks like.
    const kind: string = isText ? 'space' : (CST.tokenType(token) ?? 'space');
    isText = kind === 'scalar';
    if (!FREE.includes(kind)) {
      const counted = COUNTED_AS[kind] ?? kind;
      const count = (counts.get(counted) ?? 0) + 1;
      if (count > MAX_WORDS) return offset;
      counts.set(counted, count);
    }
    if (!MARKS.includes(kind)) offset += token.length;
  }
  return undefined;
}
