/** A YAML text with the place of every node. */
import { isCollection, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { Place } from './place.ts';
import type { Path, Problem } from './problem.ts';

/** Larger lab files are refused: a real one is a few hundred lines. */
export const MAX_LAB_CHARS = 4 * 1024 * 1024;
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

function descend(document: Document, path: Path, wantKey: boolean): Node | undefined {
  let node: unknown = document.contents;
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(step),
      );
      next = last && wantKey ? pair?.key : (pair?.value ?? pair?.key);
    } else if (isCollection(node)) {
      next = node.items[Number(step)];
    }
    if (next === undefined || next === null) return node as Node;
    node = next;
  }
  return (node ?? undefined) as Node | undefined;
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
      { file, line: 1, column: 1, endLine: 1, endColumn: 1 },
      'limit',
    );
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    const before = text.slice(0, nul).split('\n');
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    return broken('the file holds a NUL byte, so it is not a text file', {
      file,
      line,
      column,
      endLine: line,
      endColumn: column,
    });
  }

  let document: Document;
  let value: unknown;
  const problems: Problem[] = [];
  try {
    document = parseDocument(text, {
      intAsBigInt: true,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
    });
    for (const error of document.errors.slice(0, MAX_SYNTAX_ERRORS)) {
      problems.push({
        ...spanOf(error.pos[0], error.pos[1]),
        code: error.code === 'DUPLICATE_KEY' ? 'duplicate' : 'yaml',
        severity: 'error',
        message: sentence(error.code, error.message),
        path: [],
      });
    }
    if (problems.length === 0) value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const deep = error instanceof RangeError;
    const reason = deep ? 'it is nested too deeply' : error instanceof Error ? error.message : '';
    return broken(`the YAML cannot be read: ${reason}`, spanOf(0, 0));
  }

  const locateNode = (path: Path, key: boolean): Span => {
    const range = descend(document, path, key)?.range;
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
  if (code === 'DUPLICATE_KEY') return 'this key stands twice in the same map';
  const first = (message.split('\n')[0] ?? message).replace(/:\s*$/, '').trim();
  return `broken YAML: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
}
