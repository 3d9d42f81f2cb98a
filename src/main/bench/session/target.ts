import type { Change, Step } from '../../../shared/world/step.ts';
import { TABLES } from '../../../shared/world/tables.ts';
import type { Row, Value } from '../../../shared/world/value.ts';
import { changedRanges } from '../inspect/authors.ts';

/** Something to stop at. */
export interface Target {
  readonly kind: 'function' | 'pfn' | 'field' | 'condition' | 'error';
  readonly target: string;
}

/** `zones.Device.spanned_pages`: table, record (empty: any) and field (empty: any). */
interface FieldPlace {
  readonly table: string;
  readonly key: string;
  readonly field: string;
}

/** A field and what its value must come to be. */
interface Condition extends FieldPlace {
  readonly operator: string;
  readonly value: string;
}

const CONDITION = /^(\S+)\s*(==|!=|<=|>=|<|>)\s*(\S+)$/;

/**
 * Table, record and field. A record's key may hold dots (`pci_devices.0000:03:00.0.acs`): its field
 * is named then. `*` stands for any record.
 */
function fieldPlace(text: string): FieldPlace {
  const [table = '', ...rest] = text.split('.');
  const field = rest.length > 1 ? (rest.pop() as string) : '';
  const key = rest.join('.');
  return { table, key: key === '*' ? '' : key, field };
}

function condition(text: string): Condition | undefined {
  const [, place = '', operator = '', value = ''] = CONDITION.exec(text.trim()) ?? [];
  return operator === '' ? undefined : { ...fieldPlace(place), operator, value };
}

/** What is wrong with a target, as a sentence; undefined where it can be stopped at. */
export function targetProblem({ kind, target }: Target): string | undefined {
  if (kind !== 'field' && kind !== 'condition') {
    return target.trim() === '' ? 'A breakpoint needs a name or a number.' : undefined;
  }
  const place = kind === 'field' ? fieldPlace(target) : condition(target);
  if (!place) return `"${target}" is no condition; expected zones.Device.spanned_pages > 0.`;
  const schema = TABLES.find(({ name }) => name === place.table);
  if (!schema) {
    const names = TABLES.map(({ name }) => name).join(', ');
    return `There is no table "${place.table}"; there are ${names}.`;
  }
  if (place.field === '' ? kind === 'field' : schema.fields.includes(place.field)) return undefined;
  return `Records of ${place.table} have no field "${place.field}"; they have ${schema.fields.join(', ')}.`;
}

/** Does the step enter the function, write the PFN or field, make it true, or raise the error? */
export function hits(step: Step, { kind, target }: Target): boolean {
  switch (kind) {
    case 'function':
      return step.fn === target && step.kind !== 'return';
    case 'pfn': {
      const pfn = Number(target);
      return changedRanges(step.diff, 'pages').some(({ start, end }) => start <= pfn && pfn < end);
    }
    case 'field': {
      const place = fieldPlace(target);
      return step.diff.some((change) => {
        if (!about(change, place)) return false;
        return place.field === '' || change.from?.[place.field] !== change.to?.[place.field];
      });
    }
    case 'condition': {
      const wanted = condition(target);
      if (!wanted) return false;
      return step.diff.some(
        (change) =>
          about(change, wanted) && holds(change.to, wanted) && !holds(change.from, wanted),
      );
    }
    case 'error':
      return (
        step.err !== undefined &&
        step.end === step.seq &&
        (target === 'any' || step.err.errno === target)
      );
  }
}

/** Is it a change of the record, by its key or its name? */
function about(change: Change, { table, key }: FieldPlace): boolean {
  if (change.table !== table) return false;
  const row = change.to ?? change.from;
  return key === '' || String(change.key) === key || row?.['name'] === key;
}

function holds(row: Row | undefined, { field, operator, value }: Condition): boolean {
  const got = row?.[field];
  if (got === undefined) return false;
  const order = compare(got, value);
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

const INTEGER = /^-?(0x[0-9a-f]+|\d+)$/i;

/** Below 0, 0 or above: integers by size, everything else as text. NaN where neither fits. */
function compare(got: Value, wanted: string): number {
  if (typeof got === 'number' || typeof got === 'bigint') {
    if (!INTEGER.test(wanted)) return Number.NaN;
    const magnitude = BigInt(wanted.replace('-', ''));
    const other = wanted.startsWith('-') ? -magnitude : magnitude;
    const mine = BigInt(got);
    return mine < other ? -1 : mine > other ? 1 : 0;
  }
  const text = got === null ? 'NULL' : String(got);
  return text < wanted ? -1 : text > wanted ? 1 : 0;
}

/** Understands what somebody typed as a place to run to. */
export function parseTarget(text: string): Target {
  const trimmed = text.trim();
  if (/^-?E[A-Z0-9]+$/.test(trimmed)) return { kind: 'error', target: trimmed.replace('-', '') };
  const pfn = /^(?:pfn:?\s*)?(0x[0-9a-f]+|\d+)$/i.exec(trimmed);
  if (pfn) return { kind: 'pfn', target: String(Number(pfn[1])) };
  if (TABLES.some(({ name }) => trimmed.startsWith(`${name}.`))) {
    return { kind: condition(trimmed) ? 'condition' : 'field', target: trimmed };
  }
  return { kind: 'function', target: trimmed.replace(/\(\)$/, '') };
}
