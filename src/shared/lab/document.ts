/** A YAML text with the place of every node. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Pair, YAMLMap } from 'yaml';
import type { Place } from './place.ts';
import type { Path, Problem } from './problem.ts';
import { MAX_WORDS, oneTooMany } from './token-limit.ts';

/** Larger lab files are refused: a real one is a few hundred lines. */
const MAX_LAB_CHARS = 4 * 1024 * 1024;
/** After so many syntax errors the rest are echoes of the first. */
const MAX_SYNTAX_ERRORS = 20;

/** First and last position of a node; the end is the position after its last character. */
export interface Span extends Place {
  endLine: number;
  endColumn: number;
}

/** A parsed YAML file. `value` has integers as bigint; it is undefined when the syntax is broken. */
export interface SourceDocument {
  value: unknown;
  problems: Problem[];
  /** The span of the value at `path`, or of its nearest existing ancestor. */
  locate(path: Path): Span;
  /** The span of the key itself; the same as `locate` where there is none. */
  locateKey(path: Path): Span;
}

type Node = { range?: [number, number, number] | null | undefined };
type Pairs = ReadonlyMap<string, Pair>;

/** Finds nodes by path; each map is looked through once, however many of its keys are asked for. */
class Nodes {
  private readonly pairs = new WeakMap<YAMLMap, Pairs>();
  private readonly contents: unknown;

  constructor(document: Document) {
    this.contents = document.contents;
  }

  at(path: Path, wantKey: boolean): Node | undefined {
    let node = this.contents;
    for (const [index, step] of path.entries()) {
      const last = index === path.length - 1;
      let next: unknown;
      if (isMap(node)) {
        const pair = this.pairsOf(node).get(String(step));
        next = last && wantKey ? pair?.key : (pair?.value ?? pair?.key);
      } else if (isSeq(node)) {
        next = node.items[Number(step)];
      }
      if (next === undefined || next === null) return node as Node;
      node = next;
    }
    return (node ?? undefined) as Node | undefined;
  }

  private pairsOf(map: YAMLMap): Pairs {
    const known = this.pairs.get(map);
    if (known) return known;
    const pairs = new Map<string, Pair>();
    for (const pair of map.items) {
      if (isScalar(pair.key)) pairs.set(String(pair.key.value), pair);
    }
    this.pairs.set(map, pairs);
    return pairs;
  }
}

/** The place of one character, counted in the text itself. */
function spanAt(text: string, offset: number, file: string): Span {
  const before = text.slice(0, offset).split('\n');
  const line = before.length;
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { file, line, column, endLine: line, endColumn: column };
}

/** Keys that stand twice in one map. */
function repeatedKeys(document: Document): Node[] {
  const repeated: Node[] = [];
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) repeated.push(key);
        seen.add(key.value);
      }
    },
  });
  return repeated;
}

/** Parses YAML text; every syntax error is located. Never throws. */
export function readDocument(text: string, file: string): SourceDocument {
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const spanOf = (start: number, end: number): Span => {
    const from = at(start);
    const to = at(end);
    return { file, ...from, endLine: to.line, endColumn: to.column };
  };
  const broken = (message: string, span: Span, code: Problem['code'] = 'yaml'): SourceDocument => ({
    value: undefined,
    problems: [{ ...span, code, severity: 'error', message, path: [] }],
    locate: () => span,
    locateKey: () => span,
  });

  if (text.length > MAX_LAB_CHARS) {
    return broken(
      `the file has ${text.length} characters; a lab file has at most ${MAX_LAB_CHARS}`,
      spanAt(text, 0, file),
      'limit',
    );
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    return broken('the file holds a NUL byte, so it is not a text file', spanAt(text, nul, file));
  }
  const beyond = oneTooMany(text);
  if (beyond !== undefined) {
    return broken(
      `a lab file has at most ${MAX_WORDS} keys and values, and as many lines, entries or signs of one kind; here is one more`,
      spanAt(text, beyond, file),
      'limit',
    );
  }

  let document: Document;
  let value: unknown;
  const problems: Problem[] = [];
  try {
    document = parseDocument(text, {
      intAsBigInt: true,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
      // The reader's own check compares every key with every other.
      uniqueKeys: false,
    });
    const say = (from: number, to: number, code: Problem['code'], message: string) => {
      problems.push({ ...spanOf(from, to), code, severity: 'error', message, path: [] });
    };
    for (const { pos, code, message } of document.errors.slice(0, MAX_SYNTAX_ERRORS)) {
      say(pos[0], pos[1], 'yaml', sentence(code, message));
    }
    for (const { range } of repeatedKeys(document).slice(0, MAX_SYNTAX_ERRORS)) {
      const [from, to] = range ?? [0, 0];
      say(from, to, 'duplicate', 'this key stands twice in the same map');
    }
    const broken = document.errors.some(({ code }) => code !== 'MULTIPLE_DOCS');
    if (!broken) value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const deep = error instanceof RangeError;
    const reason = deep ? 'it is nested too deeply' : error instanceof Error ? error.message : '';
    return broken(`the YAML cannot be read: ${reason}`, spanOf(0, 0));
  }

  const nodes = new Nodes(document);
  const locateNode = (path: Path, key: boolean): Span => {
    const range = nodes.at(path, key)?.range;
    return range ? spanOf(range[0], range[1]) : spanOf(0, 0);
  };
  return {
    value,
    problems,
    locate: (path) => locateNode(path, false),
    locateKey: (path) => locateNode(path, true),
  };
}

function sentence(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a lab is one YAML document; a second one begins here';
  const first = (message.split('\n')[0] ?? message).replace(/:\s*$/, '').trim();
  return `broken YAML: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
}
