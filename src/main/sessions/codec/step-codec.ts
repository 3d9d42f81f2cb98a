import type { CoveredRange, Step, StepKind, StepReturn } from '../../../shared/world/step.ts';
import type { Args, Value } from '../../../shared/world/value.ts';
import { ByteWriter } from './byte-writer.ts';
import { ByteReader, DecodeError, setName } from './byte-reader.ts';
import { RowReader, RowWriter } from './row-codec.ts';
import type { RecordedTable } from './recorded-tables.ts';

/** A choice of the scheduler, as the engine's driver records it. */
export interface RecordedChoice {
  readonly step: number;
  readonly actor: string;
}

/** Number of the encoding of chunks and snapshots. */
export const ENCODING = 1;

/** Bytes before the first entry: encoding, kind, step count, first step. */
export const HEADER_SIZE = 16;
const STEPS = 1;

/** Most steps one chunk may hold. */
export const MAX_CHUNK_STEPS = 65_536;

const KINDS: readonly StepKind[] = ['call', 'point', 'return', 'plugin', 'user'];
const UNITS: readonly CoveredRange['unit'][] = [
  'pfn',
  'section',
  'block',
  'subsection',
  'page',
  'index',
];

const HAS_COUNT = 1;
const HAS_RANGE = 2;
const HAS_NOTE = 4;
const HAS_RET = 8;
const HAS_ERR = 16;
const HAS_END = 32;
const LEAF_END = 64;
const HAS_DIFF = 128;

const RETURN = 0;
const CHOICE = 1;
const NEW_HEAD = 2;
const FIRST_HEAD = 3;

/** What many steps have in common; written once a chunk. */
interface Head {
  readonly actor: string;
  readonly fn: string;
  readonly kind: StepKind;
  readonly depth: number;
  readonly source: string;
  readonly basis: 'kernel' | 'model';
  readonly names: readonly string[];
  readonly index: number;
}

/** Collects steps and what returned meanwhile into one chunk. */
export class ChunkWriter {
  /** `seq` of the first step. */
  readonly first: number;
  private readonly out = new ByteWriter();
  private readonly rows = new RowWriter(this.out);
  private readonly heads = new Map<string, Head[]>();
  private headCount = 0;
  private stepCount = 0;
  private choiceCount = 0;

  constructor(first: number) {
    this.first = first;
    this.out.skip(HEADER_SIZE);
  }

  get steps(): number {
    return this.stepCount;
  }

  get choices(): number {
    return this.choiceCount;
  }

  get bytes(): number {
    return this.out.at;
  }

  /** Adds the next step. Throws where the step holds what no recording can: a programming error. */
  step(step: Step): void {
    const { out } = this;
    const { seq, parent, count, range, diff, note, ret, err, end, args } = step;
    if (seq !== this.first + this.stepCount) {
      throw new Error(`step ${seq} cannot follow step ${this.first + this.stepCount - 1}`);
    }
    const head = this.head(step);
    out.varint(FIRST_HEAD + head.index);
    out.byte(
      (count === 1 ? 0 : HAS_COUNT) |
        (range ? HAS_RANGE : 0) |
        (note === undefined ? 0 : HAS_NOTE) |
        (ret === undefined ? 0 : HAS_RET) |
        (err ? HAS_ERR : 0) |
        (end === undefined ? 0 : end === seq ? LEAF_END : HAS_END) |
        (diff.length > 0 ? HAS_DIFF : 0),
    );
    out.varint(parent === 0 ? 0 : seq - parent);
    for (const name of head.names) this.argument(step, name, args[name]);
    if (count !== 1) out.varint(count);
    if (range) {
      out.byte(UNITS.indexOf(range.unit));
      out.varint(range.start);
      out.varint(range.end - range.start);
    }
    if (note !== undefined) out.string(note);
    if (ret !== undefined) out.value(ret);
    if (err) {
      out.string(err.errno);
      out.string(err.check);
    }
    if (end !== undefined && end !== seq) out.varint(end - seq);
    if (diff.length > 0) {
      out.varint(diff.length);
      for (const change of diff) this.rows.change(change);
    }
    this.stepCount += 1;
  }

  private argument(step: Step, name: string, value: Value | undefined): void {
    try {
      this.out.value(value);
    } catch (error) {
      throw new TypeError(`step ${step.seq} ${step.fn}, argument ${name}: ${String(error)}`);
    }
  }

  private head(step: Step): Head {
    let heads = this.heads.get(step.fn);
    if (!heads) this.heads.set(step.fn, (heads = []));
    for (const head of heads) if (fits(head, step)) return head;
    const { actor, fn, kind, depth, source, basis } = step;
    const names = Object.keys(step.args);
    const head: Head = { actor, fn, kind, depth, source, basis, names, index: this.headCount };
    const { out } = this;
    out.varint(NEW_HEAD);
    out.string(actor);
    out.string(fn);
    out.string(source);
    out.byte(KINDS.indexOf(kind) * 2 + (basis === 'model' ? 1 : 0));
    out.varint(depth);
    out.varint(names.length);
    for (const name of names) out.string(name);
    this.headCount += 1;
    heads.push(head);
    return head;
  }

  /** A function of this chunk returned; `event.seq` is `first` or later. */
  returned(event: StepReturn): void {
    this.out.varint(RETURN);
    this.out.varint(event.seq - this.first);
    writeOutcome(this.out, event);
  }

  choice({ step, actor }: RecordedChoice): void {
    this.out.varint(CHOICE);
    this.out.varint(step);
    this.out.string(actor);
    this.choiceCount += 1;
  }

  /** The chunk's bytes, not compressed. The writer is done with. */
  take(): Uint8Array {
    this.out.header((view) => {
      view.setUint8(0, ENCODING);
      view.setUint8(1, STEPS);
      view.setUint32(2, this.stepCount, true);
      view.setFloat64(8, this.first, true);
    });
    return this.out.take();
  }
}

function fits(head: Head, step: Step): boolean {
  if (
    head.depth !== step.depth ||
    head.kind !== step.kind ||
    head.actor !== step.actor ||
    head.source !== step.source ||
    head.basis !== step.basis
  ) {
    return false;
  }
  const { names } = head;
  let at = 0;
  for (const name in step.args) {
    if (names[at] !== name) return false;
    at += 1;
  }
  return at === names.length;
}

/** How a function returned: `end`, value, error. `seq` is written by whoever calls this. */
export function writeOutcome(out: ByteWriter, { seq, end, ret, err }: StepReturn): void {
  out.byte((ret === undefined ? 0 : HAS_RET) | (err ? HAS_ERR : 0));
  out.varint(end - seq);
  if (ret !== undefined) out.value(ret);
  if (err) {
    out.string(err.errno);
    out.string(err.check);
  }
}

export function readOutcome(input: ByteReader, seq: number): StepReturn {
  const flags = input.byte();
  if (flags & ~(HAS_RET | HAS_ERR)) throw new DecodeError('a return has unknown parts');
  const end = seq + input.varint();
  const ret = flags & HAS_RET ? input.value() : undefined;
  const err = flags & HAS_ERR ? { errno: input.string(), check: input.string() } : undefined;
  return { seq, end, ...(ret === undefined ? {} : { ret }), ...(err ? { err } : {}) };
}

/** Takes the outcome over into its step, as a step log does. */
export function applyReturn(step: Step, { end, ret, err }: StepReturn): void {
  step.end = end;
  step.ret = ret;
  step.err = err;
}

export interface Chunk {
  readonly first: number;
  readonly steps: Step[];
  readonly choices: readonly RecordedChoice[];
}

/**
 * Reads a chunk. `first` and `count` are what its place in the recording says it holds.
 * Throws DecodeError.
 */
export function readChunk(
  bytes: Uint8Array,
  tables: readonly RecordedTable[],
  first: number,
  count: number,
): Chunk {
  if (bytes.length < HEADER_SIZE) throw new DecodeError('it is too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== ENCODING) {
    throw new DecodeError(`its encoding is ${view.getUint8(0)}, this version reads ${ENCODING}`);
  }
  if (view.getUint8(1) !== STEPS) throw new DecodeError('it holds no steps');
  if (view.getUint32(2, true) !== count || view.getFloat64(8, true) !== first) {
    throw new DecodeError('it belongs to another place');
  }
  if (count > MAX_CHUNK_STEPS) throw new DecodeError(`it holds over ${MAX_CHUNK_STEPS} steps`);
  return new ChunkReader(new ByteReader(bytes, HEADER_SIZE), tables, first, count).read();
}

class ChunkReader {
  private readonly input: ByteReader;
  private readonly rows: RowReader;
  private readonly first: number;
  private readonly count: number;
  private readonly heads: Head[] = [];
  private readonly steps: Step[] = [];

  constructor(input: ByteReader, tables: readonly RecordedTable[], first: number, count: number) {
    this.input = input;
    this.rows = new RowReader(input, tables);
    this.first = first;
    this.count = count;
  }

  read(): Chunk {
    const { input, first, steps } = this;
    const choices: RecordedChoice[] = [];
    while (!input.ended) {
      const op = input.varint();
      if (op === RETURN) {
        const seq = first + input.varint();
        const step = steps[seq - first];
        if (!step) throw new DecodeError('a function returns that was not called');
        applyReturn(step, readOutcome(input, seq));
      } else if (op === CHOICE) choices.push({ step: input.varint(), actor: input.string() });
      else if (op === NEW_HEAD) this.heads.push(this.head());
      else steps.push(this.step(op - FIRST_HEAD));
    }
    if (steps.length !== this.count) {
      throw new DecodeError(`it holds ${steps.length} steps instead of ${this.count}`);
    }
    return { first, steps, choices };
  }

  private head(): Head {
    const { input } = this;
    const actor = input.string();
    const fn = input.string();
    const source = input.string();
    const code = input.byte();
    const kind = KINDS[code >> 1];
    if (!kind) throw new DecodeError('a step is of no known kind');
    const depth = input.varint();
    const names: string[] = [];
    for (let left = input.count(1); left > 0; left -= 1) names.push(input.string());
    const basis = code & 1 ? 'model' : 'kernel';
    return { actor, fn, kind, depth, source, basis, names, index: this.heads.length };
  }

  private step(index: number): Step {
    const { input } = this;
    const head = this.heads[index];
    if (!head) throw new DecodeError('a step refers to a function that is not there');
    const seq = this.first + this.steps.length;
    const flags = input.byte();
    const up = input.varint();
    if (up >= seq && up > 0) throw new DecodeError('a step is inside one before the first');
    const args = this.args(head.names);
    const count = flags & HAS_COUNT ? input.varint() : 1;
    const range = flags & HAS_RANGE ? this.range() : undefined;
    const note = flags & HAS_NOTE ? input.string() : undefined;
    const ret = flags & HAS_RET ? input.value() : undefined;
    const err = flags & HAS_ERR ? { errno: input.string(), check: input.string() } : undefined;
    const end = flags & LEAF_END ? seq : flags & HAS_END ? seq + input.varint() : undefined;
    const diff = [];
    if (flags & HAS_DIFF) {
      for (let left = input.count(2); left > 0; left -= 1) diff.push(this.rows.change());
    }
    const { actor, fn, kind, depth, source, basis } = head;
    const parent = up === 0 ? 0 : seq - up;
    return {
      ...{ seq, actor, parent, fn, kind, depth, args, count, range, diff, source, basis, note },
      ...{ ret, err, end },
    };
  }

  private args(names: readonly string[]): Args {
    const args: { [name: string]: Value } = {};
    for (const name of names) setName(args, name, this.input.value());
    return args;
  }

  private range(): CoveredRange {
    const unit = UNITS[this.input.byte()];
    if (!unit) throw new DecodeError('a step covers an unknown unit');
    const start = this.input.varint();
    return { start, end: start + this.input.varint(), unit };
  }
}
