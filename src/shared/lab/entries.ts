/** Reads the entries of `program` and `expect`: their own key says what they are. */
import type { SourceDocument } from './document.ts';
import { EXPECT_KINDS, EXPECT_SCHEMAS, errnoSchema } from './expect.ts';
import type { ExpectEntry, ExpectKind, OutcomeExpect } from './expect.ts';
import { problemsOf } from './issues.ts';
import type { Place } from './place.ts';
import { formatPath } from './problem.ts';
import type { Path, Problem, ProblemCode } from './problem.ts';
import { OPERATION, OPERATION_EXPECTED, splitOperation } from './program.ts';
import type { ProgramEntry } from './program.ts';
import { nearest } from './suggest.ts';
import { isMap, toValueMap } from './value.ts';
import type { ValueMap } from './value.ts';

const CONCURRENTLY = 'concurrently';

/** Keys beside the operation in `{ <operation>: args, actor, expect }`. */
const BESIDE = new Set(['actor', 'expect']);

/** Reads entries of one document and collects what is wrong with them. */
export interface EntryReader {
  /** One entry, or those of a `concurrently` block. */
  program(entry: unknown, path: Path): ProgramEntry[];
  expectation(entry: unknown, path: Path): ExpectEntry | undefined;
}

export function entryReader(document: SourceDocument, problems: Problem[]): EntryReader {
  const say = (
    code: ProblemCode,
    path: Path,
    message: string,
    extra: { key?: boolean; expected?: string; fixes?: string[] } = {},
  ): undefined => {
    const { key, ...rest } = extra;
    const span = key ? document.locateKey(path) : document.locate(path);
    problems.push({ ...span, code, severity: 'error', message, path, ...rest });
    return undefined;
  };
  const placeOf = (path: Path): Place => {
    const { file, line, column } = document.locate(path);
    return { file, line, column };
  };

  function expectation(entry: unknown, path: Path): ExpectEntry | undefined {
    const expected = `a map with one key of ${EXPECT_KINDS.join(', ')}`;
    const keys = isMap(entry) ? Object.keys(entry) : [];
    if (!isMap(entry) || keys.length === 0) {
      return say('type', path, `${formatPath(path)} is no expectation; expected ${expected}`, {
        expected,
      });
    }
    const [key = ''] = keys;
    const unknown = keys.find((name) => !EXPECT_KINDS.includes(name as ExpectKind));
    if (unknown !== undefined) {
      const meant = nearest(unknown, EXPECT_KINDS);
      const hint = meant ? `; did you mean \`${meant}\`?` : `; expected ${expected}`;
      return say('unknown-key', [...path, unknown], `unknown expectation \`${unknown}\`${hint}`, {
        key: true,
        expected,
        ...(meant ? { fixes: [meant] } : {}),
      });
    }
    if (keys.length > 1) {
      return say(
        'value',
        path,
        `${formatPath(path)} names ${keys.join(' and ')}; write one entry for each`,
      );
    }
    const kind = key as ExpectKind;
    const schema = EXPECT_SCHEMAS[kind];
    const result = schema.safeParse(entry[kind]);
    if (!result.success) {
      problems.push(
        ...problemsOf(result.error.issues, schema, entry[kind], [...path, kind], document),
      );
      return undefined;
    }
    return { kind, want: result.data, source: placeOf(path) } as ExpectEntry;
  }

  function expectations(list: unknown[], path: Path): ExpectEntry[] {
    return list.flatMap((entry, index) => expectation(entry, [...path, index]) ?? []);
  }

  function outcome(written: unknown, path: Path): OutcomeExpect | undefined {
    const source = placeOf(path);
    if (Array.isArray(written)) return { returns: {}, state: expectations(written, path), source };
    if (!isMap(written)) {
      const expected =
        '{ errno: NAME }, { ok: true }, fields of the result, or a list of expectations';
      return say('type', path, `${formatPath(path)} is no expectation; expected ${expected}`, {
        expected,
      });
    }
    const { errno, ok, ...returns } = written;
    const read: OutcomeExpect = { returns: toValueMap(returns), state: [], source };
    if (errno !== undefined) {
      const result = errnoSchema.safeParse(errno);
      if (!result.success) {
        problems.push(
          ...problemsOf(result.error.issues, errnoSchema, errno, [...path, 'errno'], document),
        );
        return undefined;
      }
      read.errno = result.data;
    }
    if (ok !== undefined) {
      if (typeof ok !== 'boolean') {
        return say('type', [...path, 'ok'], `${formatPath(path)}.ok: expected true or false`);
      }
      read.ok = ok;
    }
    if (errno !== undefined && ok === true) {
      return say('value', path, `${formatPath(path)} expects both an errno and success`);
    }
    return read;
  }

  function single(entry: unknown, path: Path): ProgramEntry | undefined {
    const source = placeOf(path);
    const where = formatPath(path);
    if (typeof entry === 'string') {
      if (!OPERATION.test(entry)) {
        return say('value', path, `${where} is "${entry}"; expected ${OPERATION_EXPECTED}`, {
          expected: OPERATION_EXPECTED,
        });
      }
      return { ...splitOperation(entry), args: {}, source };
    }
    if (!isMap(entry) || Object.keys(entry).length === 0) {
      return say('type', path, `${where}: expected ${OPERATION_EXPECTED}`, {
        expected: OPERATION_EXPECTED,
      });
    }

    const operations = Object.keys(entry).filter((key) => !BESIDE.has(key));
    const long = 'do' in entry;
    if (!long && operations.length === 0 && 'expect' in entry) {
      const expect = outcome(entry['expect'], [...path, 'expect']);
      if (expect && expect.state.length === 0 && !Array.isArray(entry['expect'])) {
        return say(
          'value',
          [...path, 'expect'],
          `${where} has no operation, so its \`expect\` must be a list of expectations`,
        );
      }
      return expect ? { op: 'expect', args: {}, expect, source } : undefined;
    }
    const name = long ? entry['do'] : operations[0];
    if (typeof name !== 'string' || !OPERATION.test(name)) {
      const at = long || name === undefined ? path : [...path, name as string];
      return say(
        'value',
        at,
        `${where}${name === undefined ? ' names no operation' : `: \`${String(name)}\` is no operation`}; expected ${OPERATION_EXPECTED}`,
        {
          key: !long,
          expected: OPERATION_EXPECTED,
        },
      );
    }
    if (!long && operations.length > 1) {
      return say(
        'value',
        [...path, operations[1] ?? ''],
        `${where} names two operations, ${operations.slice(0, 2).join(' and ')}; write one entry for each`,
        { key: true },
      );
    }

    let args: ValueMap = {};
    if (long) {
      const { do: _do, actor: _actor, expect: _expect, ...rest } = entry;
      args = toValueMap(rest);
    } else {
      const given = entry[name];
      if (isMap(given)) args = toValueMap(given);
      else if (given !== null && given !== undefined) {
        return say('type', [...path, name], `${where}.${name}: the arguments must be a map`);
      }
      if ('expect' in args) {
        return say(
          'value',
          [...path, name, 'expect'],
          `${where}: \`expect\` stands beside \`${name}\`, not among its arguments`,
          { key: true },
        );
      }
    }
    const read: ProgramEntry = { ...splitOperation(name), args, source };
    if (entry['actor'] !== undefined) {
      if (typeof entry['actor'] !== 'string' || entry['actor'] === '') {
        return say('type', [...path, 'actor'], `${where}.actor: expected a name`);
      }
      read.actor = entry['actor'];
    }
    if (entry['expect'] !== undefined) {
      const expect = outcome(entry['expect'], [...path, 'expect']);
      if (!expect) return undefined;
      read.expect = expect;
    }
    return read;
  }

  /** `concurrently: [...]`: entries of several actors that may interleave. */
  function concurrent(entry: Record<string, unknown>, path: Path): ProgramEntry[] {
    const where = [...path, CONCURRENTLY];
    const others = Object.keys(entry).filter((key) => key !== CONCURRENTLY);
    const expected = 'a list of operations of two actors or more';
    const wrong = (message: string, at: Path = where): ProgramEntry[] => {
      say('value', at, message, { expected });
      return [];
    };
    if (others.length > 0) {
      return wrong(`${formatPath(path)}: \`${others[0]}\` cannot stand beside \`${CONCURRENTLY}\``);
    }
    const list = entry[CONCURRENTLY];
    if (!Array.isArray(list)) return wrong(`${formatPath(where)}: expected ${expected}`);
    const block = Number(path.at(-1));
    const read = list.flatMap((inner, index): ProgramEntry[] => {
      const at = [...where, index];
      if (isMap(inner) && CONCURRENTLY in inner) {
        return wrong(`${formatPath(at)}: a \`${CONCURRENTLY}\` block holds no other`, at);
      }
      const found = single(inner, at);
      if (!found) return [];
      if (found.target === undefined && (found.op === 'boot' || found.op === 'expect')) {
        return wrong(`${formatPath(at)}: \`${found.op}\` runs with nothing beside it`, at);
      }
      return [{ ...found, concurrent: block }];
    });
    const actors = new Set(read.map(({ actor }) => actor));
    if (read.length === list.length && actors.size < 2) {
      const who = read[0]?.actor;
      return wrong(
        `${formatPath(where)}: ${list.length === 0 ? 'the list is empty' : `all of it is done by ${who ?? 'the default actor'}, one after the other`}; expected ${expected}`,
      );
    }
    return read;
  }

  function program(entry: unknown, path: Path): ProgramEntry[] {
    if (isMap(entry) && CONCURRENTLY in entry) return concurrent(entry, path);
    const found = single(entry, path);
    return found ? [found] : [];
  }

  return { program, expectation };
}
