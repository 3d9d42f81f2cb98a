/** Something a module may not contain, at its place (1-based). */
export interface SourceFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A name declared at the top level, at its place (1-based). */
export interface Binding {
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

/** What a look at the text of a module tells; syntax errors are QuickJS's to report. */
export interface SourceScan {
  /** What is declared at the top level, in order. */
  readonly bindings: readonly Binding[];
  /** Modules imported by static import statements, at the statement's place. */
  readonly imports: readonly { specifier: string; line: number; column: number }[];
  readonly faults: readonly SourceFault[];
}

interface Token {
  readonly text: string;
  readonly offset: number;
  readonly depth: number;
  /** What stands between the quotes, for a string. */
  readonly quoted?: string;
}

const WORD_START = /[\p{ID_Start}$_#]/u;
const WORD = /[\p{ID_Continue}$\u200c\u200d]/u;

/** Words and punctuation outside comments, strings and templates, with their bracket depth. */
function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  // Depths at which a `${` was opened: the brace that closes it goes on with the template.
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  const skipQuoted = (quote: string) => {
    for (at += 1; at < source.length && source[at] !== quote; at += 1) {
      if (source[at] === '\\') at += 1;
    }
    at += 1;
  };
  const skipTemplate = () => {
    for (; at < source.length; at += 1) {
      if (source[at] === '\\') at += 1;
      else if (source[at] === '`') {
        at += 1;
        return;
      } else if (source[at] === '$' && source[at + 1] === '{') {
        at += 2;
        templates.push(depth);
        depth += 1;
        return;
      }
    }
  };
  while (at < source.length) {
    const char = source[at] as string;
    if (char === '/' && source[at + 1] === '/') {
      const end = source.indexOf('\n', at);
      at = end < 0 ? source.length : end;
    } else if (char === '/' && source[at + 1] === '*') {
      const end = source.indexOf('*/', at + 2);
      at = end < 0 ? source.length : end + 2;
    } else if (char === '"' || char === "'") {
      const offset = at;
      skipQuoted(char);
      tokens.push({ text: char, offset, depth, quoted: source.slice(offset + 1, at - 1) });
    } else if (char === '`') {
      at += 1;
      skipTemplate();
    } else if (WORD_START.test(char)) {
      const offset = at;
      while (at < source.length && WORD.test(source[at] as string)) at += 1;
      if (at === offset) at += 1;
      tokens.push({ text: source.slice(offset, at), offset, depth });
    } else if (/[0-9]/.test(char)) {
      while (at < source.length && /[\w.]/.test(source[at] as string)) at += 1;
      tokens.push({ text: '0', offset: at, depth });
    } else {
      if ('([{'.includes(char)) {
        tokens.push({ text: char, offset: at, depth });
        depth += 1;
        at += 1;
      } else if (')]}'.includes(char)) {
        depth -= 1;
        at += 1;
        if (char === '}' && templates[templates.length - 1] === depth) {
          templates.pop();
          skipTemplate();
        } else tokens.push({ text: char, offset: at - 1, depth });
      } else {
        if (!/\s/.test(char)) tokens.push({ text: char, offset: at, depth });
        at += 1;
      }
    }
  }
  return tokens;
}

/** Finds the top-level names of a module and what it may not contain. */
export function scanSource(source: string): SourceScan {
  const tokens = tokensOf(source);
  const bindings = new Map<string, Binding>();
  const faults: SourceFault[] = [];
  const imports: { specifier: string; line: number; column: number }[] = [];
  const placeOf = placesIn(source);
  const specifiers = importedFrom(tokens);
  // What the statement that a token of the top level stands in began with.
  let statement: string | undefined;
  const refuse = (token: Token, message: string) => {
    faults.push({ ...placeOf(token), message });
  };
  const bind = (token: Token) => {
    if (!bindings.has(token.text))
      bindings.set(token.text, { name: token.text, ...placeOf(token) });
  };
  let declaring = false;
  for (const [index, token] of tokens.entries()) {
    const previous = tokens[index - 1]?.text;
    const next = tokens[index + 1];
    const { text, depth } = token;
    const beganWith = statement;
    if (depth === 0) {
      if (text === ';') statement = undefined;
      else if (text === 'import' || text === 'export') statement = text;
    }
    if (previous === '.') continue;
    // `{ import: 1 }` and `{ await() {} }` are names, not keywords.
    const isName =
      next?.text === ':' || (next?.text === '(' && text !== 'import' && text !== 'await');
    if (text === 'import' && next?.text !== ':') {
      const from = depth === 0 && next?.text !== '(' ? specifiers[index] : undefined;
      if (from !== undefined) imports.push({ specifier: from, ...placeOf(token) });
      else refuse(token, "write import { name } from './file.js' at the top of the module");
    } else if (
      text === 'from' &&
      depth === 0 &&
      next?.quoted !== undefined &&
      beganWith === 'export'
    ) {
      refuse(token, 'import a name first, then export it');
    } else if ((text === 'await' || text === 'async') && !isName) {
      refuse(token, 'a model runs in steps, not in promises: use generator functions and yield');
    }
    if (depth !== 0) continue;
    if ((text === 'let' || text === 'var') && next && WORD_START.test(next.text)) {
      refuse(
        token,
        `module variables do not last: use a register, or const (${text} ${next.text})`,
      );
    }
    if (text === 'const' || (declaring && text === ',')) {
      declaring = true;
      if (next && WORD_START.test(next.text)) bind(next);
      else if (next && text === 'const') {
        refuse(token, 'write one name for each const at the top level, without a pattern');
      }
    } else if (text === ';') declaring = false;
    else if (text === 'function' || text === 'class') {
      declaring = false;
      const name = next?.text === '*' ? tokens[index + 2] : next;
      const standsAlone =
        previous === undefined || [';', '}', 'export', 'default', ')', '"', "'"].includes(previous);
      if (standsAlone && name && WORD_START.test(name.text)) bind(name);
    }
  }
  return { bindings: [...bindings.values()], imports, faults };
}

/** For each token the specifier of the import statement that it would begin, in one look from the end. */
function importedFrom(tokens: readonly Token[]): (string | undefined)[] {
  const found: (string | undefined)[] = Array.from({ length: tokens.length });
  let next: string | undefined;
  for (let at = tokens.length - 1; at >= 0; at -= 1) {
    found[at] = next;
    const { text, quoted } = tokens[at] as Token;
    if (quoted !== undefined) next = quoted;
    else if (text === ';' || text === '=' || text === '(') next = undefined;
  }
  return found;
}

/** Places of tokens that are asked for in any order; the lines of the text are found once. */
function placesIn(source: string): (token: Token) => { line: number; column: number } {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) {
    starts.push(at + 1);
  }
  return ({ offset }) => {
    let [low, high] = [0, starts.length];
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
