/** Reads the entries of `program` and `expect`: their own key says what they are. */
import { z } from 'zod';
import type { SourceDocument } from './document.ts';
import { EXPECT_KINDS, EXPECT_SCHEMAS } from './expectations/expectations.ts';
import type { ExpectEntry, OutcomeExpect } from './expectations/expectations.ts';
import { problemsOf } from './issues.ts';
import { isOperation, OPERATION_NAMES, OPERATIONS } from './operations/operations.ts';
import type { OperationName } from './operations/operations.ts';
import type { Place } from './place.ts';
import { formatPath } from './problem.ts';
import type { Path, Problem, ProblemCode } from './problem.ts';
import { OPERATION, OPERATION_EXPECTED, splitOperation } from './program.ts';
import type { EntrySource, ProgramEntry } from './program.ts';
import { readable } from './readable.ts';
import { nearest } from './suggest.ts';
import { isMap, toValueMap } from './value.ts';
import type { ValueMap } from './value.ts';
import { errno as errnoName } from './words.ts';

const CONCURRENTLY = 'concurrently';

/** Keys beside the operation in `{ <operation>: args, actor, expect }`. */
const BESIDE = new Set(['actor', 'expect']);

/** Keys among the arguments in `{ do: <operation>, ... }`, which are read by themselves. */
const AMONG = { do: z.any(), actor: z.any().optional(), expect: z.any().optional() };
const longForms = new Map<OperationName, z.ZodType>();

function longForm(op: OperationName): z.ZodType {
  let form = longForms.get(op);
  if (!form) longForms.set(op, (form = OPERATIONS[op].args.safeExtend(AMONG)));
  return form;
}

/** Reads entries of one document and collects what is wrong with them. */
export interface EntryReader {
  /** One entry, or those of a `concurrently` block. */
  program(entry: unknown, path: Path): ProgramEntry[];
  expectation(entry: unknown, path: Path): ExpectEntry | undefined;
  /** Entries of the program too broken to say what they are. */
  readonly unread: number;
}

export function entryReader(document: SourceDocument, problems: Problem[]): EntryReader {
  let unread = 0;
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
  const tell = ({ issues }: z.ZodError, schema: z.ZodType, given: unknown, path: Path) => {
    problems.push(...problemsOf(issues, schema, given, path, document));
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
    const unknown = keys.filter((name) => !EXPECT_SCHEMAS.has(name));
    for (const name of unknown) {
      const meant = nearest(name, EXPECT_KINDS);
      const hint = meant ? `; did you mean \`${meant}\`?` : `; expected ${expected}`;
      say('unknown-key', [...path, name], `unknown expectation \`${name}\`${hint}`, {
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
    const [kind = ''] = keys;
    const schema = EXPECT_SCHEMAS.get(kind);
    const result = schema?.safeParse(entry[kind]);
    if (!schema || !result) return undefined;
    if (!result.success) tell(result.error, schema, entry[kind], [...path, kind]);
    const want = readable(schema, entry[kind]);
    const source = { ...placeOf(path), path: [...path, kind] };
    return { kind, want: want ?? {}, source } as ExpectEntry;
  }

  function expectations(list: unknown[], path: Path): ExpectEntry[] {
    return list.flatMap((entry, index) => expectation(entry, [...path, index]) ?? []);
  }

  /** Fields of a result that an operation does not have. */
  function unknownReturns(op: OperationName, returns: ValueMap, path: Path): void {
    const known = Object.keys(OPERATIONS[op].returns);
    for (const name of Object.keys(returns)) {
      if (known.includes(name)) continue;
      const meant = nearest(name, [...known, 'errno', 'ok']);
      const there = known.length === 0 ? 'it returns nothing' : `it returns ${known.join(', ')}`;
      say(
        'unknown-key',
        [...path, name],
        `\`${op}\` returns no \`${name}\`; ${meant ? `did you mean \`${meant}\`?` : there}`,
        { key: true, ...(meant ? { fixes: [meant] } : {}) },
      );
    }
  }

  function outcome(written: unknown, path: Path, op: string): OutcomeExpect | undefined {
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
    if (isOperation(op)) unknownReturns(op, read.returns, path);
    if (errno !== undefined) {
      const result = errnoName.safeParse(errno);
      if (!result.success) tell(result.error, errnoName, errno, [...path, 'errno']);
      read.errno = result.data;
    }
    if (ok !== undefined) {
      if (typeof ok !== 'boolean') {
        say('type', [...path, 'ok'], `${formatPath(path)}.ok: expected true or false`);
      } else read.ok = ok;
    }
    if (errno !== undefined && ok === true) {
      say('value', path, `${formatPath(path)} expects both an errno and success`);
    }
    return read;
  }

  function single(entry: unknown, path: Path): ProgramEntry | undefined {
    const source: EntrySource = { ...placeOf(path), path, args: path };
    const where = formatPath(path);
    if (typeof entry === 'string') {
      if (!OPERATION.test(entry)) {
        return say('value', path, `${where} is "${entry}"; expected ${OPERATION_EXPECTED}`, {
          expected: OPERATION_EXPECTED,
        });
      }
      const read = { ...splitOperation(entry), args: {}, source };
      checkArguments(read, {}, path, false);
      return read;
    }
    if (!isMap(entry) || Object.keys(entry).length === 0) {
      return say('type', path, `${where}: expected ${OPERATION_EXPECTED}`, {
        expected: OPERATION_EXPECTED,
      });
    }

    const operations = Object.keys(entry).filter((key) => !BESIDE.has(key));
    const long = 'do' in entry;
    if (!long && operations.length === 0 && 'expect' in entry) {
      const expect = outcome(entry['expect'], [...path, 'expect'], 'expect');
      if (expect && expect.state.length === 0 && !Array.isArray(entry['expect'])) {
        return say(
          'value',
          [...path, 'expect'],
          `${where} has no operation, so its \`expect\` must be a list of expectations`,
        );
      }
      return { op: 'expect', args: {}, expect, source };
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

    const { do: _do, actor: _actor, expect: _expect, ...rest } = entry;
    const given = long ? rest : (entry[name] ?? {});
    const split = splitOperation(name);
    const at = long ? path : [...path, name];
    const read: ProgramEntry = { ...split, args: {}, source: { ...source, args: at } };
    if (!isMap(given)) {
      say('type', at, `${where}.${name}: the arguments must be a map`);
    } else if (!long && 'expect' in given) {
      say(
        'value',
        [...at, 'expect'],
        `${where}: \`expect\` stands beside \`${name}\`, not among its arguments`,
        { key: true },
      );
    } else {
      read.args = toValueMap(given);
      checkArguments(read, long ? entry : given, long ? [...path, 'do'] : at, long);
    }
    if (entry['actor'] !== undefined) {
      if (typeof entry['actor'] !== 'string' || entry['actor'] === '') {
        say('type', [...path, 'actor'], `${where}.actor: expected a name`);
      } else read.actor = entry['actor'];
    }
    if (entry['expect'] !== undefined) {
      read.expect = outcome(entry['expect'], [...path, 'expect'], read.target ? '' : read.op);
    }
    return read;
  }

  /** What the operation's declaration says against its name and arguments; a device's are its model's. */
  function checkArguments(
    { op, target, source }: ProgramEntry,
    given: Record<string, unknown>,
    name: Path,
    long: boolean,
  ): void {
    if (target !== undefined) return;
    if (!isOperation(op)) {
      const meant = nearest(op, OPERATION_NAMES);
      const known = OPERATION_NAMES.map((one) => `\`${one}\``).join(', ');
      const hint = meant
        ? `did you mean \`${meant}\`?`
        : `expected ${known} or \`<device>.<action>\``;
      say('unknown-key', name, `unknown operation \`${op}\`; ${hint}`, {
        key: !long,
        ...(meant ? { fixes: [meant] } : {}),
      });
      return;
    }
    const schema = long ? longForm(op) : OPERATIONS[op].args;
    const result = schema.safeParse(given);
    if (result.success) return;
    tell(result.error, schema, given, source.args);
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
      if (!found) {
        unread += 1;
        return [];
      }
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
    if (!found) unread += 1;
    return found ? [found] : [];
  }

  return {
    program,
    expectation,
    get unread() {
      return unread;
    },
  };
}
