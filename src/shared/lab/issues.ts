/** Turns schema issues into located problems with human sentences. */
import type { z } from 'zod';
import type { SourceDocument } from './document.ts';
import { formatPath } from './problem.ts';
import type { Path, Problem, ProblemCode } from './problem.ts';
import { nearest } from './suggest.ts';
import { isMap } from './value.ts';

type Issue = z.core.$ZodIssue;
type AnySchema = { _zod: { def: Record<string, unknown> } };

/** The keys a strict object at `path` may have; empty where the schema has no fixed keys. */
function keysAt(schema: unknown, path: Path): string[] {
  let current = unwrap(schema);
  for (const step of path) {
    const def = current?._zod.def;
    if (typeof step === 'number') current = unwrap(def?.['element']);
    else current = unwrap((def?.['shape'] as Record<string, unknown> | undefined)?.[step]);
  }
  return Object.keys((current?._zod.def['shape'] as object | undefined) ?? {});
}

function unwrap(schema: unknown): AnySchema | undefined {
  let current = schema as AnySchema | undefined;
  while (current?._zod) {
    const def = current._zod.def;
    const inner = def['innerType'] ?? (def['type'] === 'pipe' ? def['in'] : undefined);
    if (inner === undefined) return current;
    current = inner as AnySchema;
  }
  return undefined;
}

function valueAt(root: unknown, path: Path): unknown {
  let current = root;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

function show(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') {
    return `"${value.length > 40 ? `${value.slice(0, 37)}...` : value}"`;
  }
  if (Number.isNaN(value)) return 'not a number';
  return String(value);
}

const TYPE_WORDS: Record<string, string> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  string: 'text',
  boolean: 'true or false',
  number: 'a number',
  bigint: 'an integer',
};

/**
 * Problems for the issues of one part of the document.
 *
 * @param schema the schema that raised them, for the names of known keys
 * @param root the value that was checked
 * @param prefix the path of `root` in the document
 * @param whole what the document as a whole is called
 */
export function problemsOf(
  issues: readonly Issue[],
  schema: unknown,
  root: unknown,
  prefix: Path,
  document: SourceDocument,
  whole = 'the lab',
): Problem[] {
  const problems: Problem[] = [];
  const named = (path: Path) => (path.length === 0 ? whole : formatPath(path));
  const add = (
    code: ProblemCode,
    path: Path,
    message: string,
    extra: { key?: boolean; expected?: string; fixes?: string[] } = {},
  ) => {
    const full = [...prefix, ...path];
    const { key, ...rest } = extra;
    const span = key ? document.locateKey(full) : document.locate(full);
    problems.push({ ...span, code, severity: 'error', message, path: full, ...rest });
  };

  for (const issue of issues.flatMap(nearestBranch)) {
    const path = issue.path.filter((step): step is string | number => typeof step !== 'symbol');
    const where = named([...prefix, ...path]);
    const given = valueAt(root, path);
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, path);
      for (const key of issue.keys) {
        const meant = nearest(key, known);
        const hint = meant
          ? `; did you mean \`${meant}\`?`
          : known.length > 0
            ? `; expected one of ${known.join(', ')}`
            : '';
        add('unknown-key', [...path, key], `unknown key \`${key}\` in ${where}${hint}`, {
          key: true,
          ...(meant ? { fixes: [meant] } : {}),
          ...(known.length > 0 ? { expected: known.join(', ') } : {}),
        });
      }
    } else if (given === undefined && path.length > 0) {
      const parent = path.slice(0, -1);
      const parentValue = valueAt(root, parent);
      const name = String(path.at(-1));
      const expected = expectation(issue);
      add(
        'missing',
        isMap(parentValue) ? parent : path,
        `\`${name}\` is missing in ${named([...prefix, ...parent])}${expected ? `; expected ${expected}` : ''}`,
        expected ? { expected } : {},
      );
    } else if (issue.code === 'custom' && issue.params?.['sentence'] === true) {
      add('value', path, `${where}: ${issue.message}`);
    } else {
      const expected = expectation(issue);
      const allowed = issue.code === 'invalid_value' ? issue.values.map(String) : [];
      const meant = typeof given === 'string' ? nearest(given, allowed) : undefined;
      const hint = meant ? `; did you mean \`${meant}\`?` : '';
      add(
        issue.code === 'invalid_type' ? 'type' : 'value',
        path,
        `${where} is ${show(given)}; expected ${expected || issue.message}${hint}`,
        { ...(expected ? { expected } : {}), ...(meant ? { fixes: [meant] } : {}) },
      );
    }
  }
  return problems;
}

/** The form that was meant: the one whose complaints lie deeper than the value itself. */
function nearestBranch(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find((branch) => branch.every(({ path }) => path.length > 0));
  if (!meant || meant.length === 0) return [issue];
  return meant.flatMap((inner) =>
    nearestBranch({ ...inner, path: [...issue.path, ...inner.path] }),
  );
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1
        ? String(issue.values[0])
        : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `at most ${issue.maximum} ${issue.origin === 'array' ? 'entries' : ''}`.trim();
    case 'too_small':
      return `at least ${issue.minimum}${issue.origin === 'array' ? ' entry' : issue.origin === 'string' ? ' character' : ''}`;
    case 'invalid_union':
      if (issue.message !== 'Invalid input') return issue.message;
      return [...new Set(issue.errors.flat().map(expectation).filter(Boolean))].join(', or ');
    case 'invalid_format':
    case 'custom':
      return issue.message;
    default:
      return '';
  }
}
