import type { ArgumentProblem, Checked } from '../engine/kernel/device/model.ts';
import { readAddress, readCount, readSize } from '../../shared/lab/quantity.ts';
import { nearest } from '../../shared/lab/suggest.ts';
import type { Field, Fields } from '../../shared/plugins/fields.ts';
import type { Args, Value } from '../../shared/world/value.ts';

type ReadValue = { ok: true; value: Value } | { ok: false; expected: string };

function readList(field: Field & { type: 'array' }, given: Value): ReadValue {
  if (!Array.isArray(given)) return { ok: false, expected: 'a list' };
  const { maxItems, items } = field;
  if (given.length > maxItems) return { ok: false, expected: `at most ${maxItems} entries` };
  const read = fieldReader(items);
  const list: Value[] = [];
  for (const [at, entry] of (given as readonly Value[]).entries()) {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      return { ok: false, expected: `a list of records; entry ${at + 1} is none` };
    }
    const record = read(entry as Args);
    if (!record.ok) {
      return {
        ok: false,
        expected: `other entries: in entry ${at + 1}, ${record.problems[0]?.message}`,
      };
    }
    list.push(record.value);
  }
  return { ok: true, value: list };
}

function readField(field: Field, given: Value): ReadValue {
  if (field.type === 'array') return readList(field, given);
  if (field.format === 'size') return readSize(given);
  if (field.format === 'address') return readAddress(given);
  if (field.type === 'boolean') {
    if (typeof given === 'boolean') return { ok: true, value: given };
    return { ok: false, expected: 'true or false' };
  }
  if (field.type === 'integer') {
    const negative = typeof given === 'number' && Number.isSafeInteger(given) && given < 0;
    const read = negative ? ({ ok: true, value: given } as const) : readCount(given);
    const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = field;
    if (read.ok && read.value >= minimum && read.value <= maximum) return read;
    return { ok: false, expected: `an integer from ${minimum} to ${maximum}` };
  }
  if (typeof given !== 'string') return { ok: false, expected: 'a text' };
  if (field.enum && !field.enum.includes(given)) {
    return { ok: false, expected: `one of ${field.enum.join(', ')}` };
  }
  return { ok: true, value: given };
}

/** A reader for values that must have these fields: defaults filled in, all problems collected. */
export function fieldReader(
  fields: Pick<Fields, 'properties' | 'required'>,
): (given: Args) => Checked<Args> {
  const known = Object.entries(fields.properties ?? {});
  const required = new Set(fields.required ?? []);
  return (given) => {
    const problems: ArgumentProblem[] = [];
    const value: Record<string, Value> = {};
    for (const [name, field] of known) {
      const fallback = field.type === 'array' ? undefined : field.default;
      const raw = Object.hasOwn(given, name) ? given[name] : fallback;
      if (raw === undefined || raw === null) {
        if (required.has(name)) problems.push({ path: name, message: `\`${name}\` is missing` });
        continue;
      }
      const read = readField(field, raw);
      if (read.ok) value[name] = read.value;
      else problems.push({ path: name, message: `\`${name}\` takes ${read.expected}` });
    }
    for (const name of Object.keys(given)) {
      if (fields.properties && Object.hasOwn(fields.properties, name)) continue;
      const names = known.map(([key]) => key);
      const meant = nearest(name, names);
      const hint = meant
        ? `did you mean \`${meant}\`?`
        : names.length === 0
          ? 'nothing can be set'
          : `there are ${names.join(', ')}`;
      problems.push({ path: name, message: `there is no \`${name}\`; ${hint}`, key: true });
    }
    return problems.length > 0 ? { ok: false, problems } : { ok: true, value };
  };
}
