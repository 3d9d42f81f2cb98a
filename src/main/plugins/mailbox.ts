import type { Value } from '../../shared/world/value.ts';
import { EVENT, LIMIT, OP, TAG } from './protocol.ts';

/** Records of up to so many names cross by the number of their list of names. */
const SHAPED_NAMES = 16;
const KEPT_SHAPES = 1024;

/** Where strings that go into the VM are put; each call makes the next number. */
export interface TextSink {
  learn(text: string): void;
  learnOnce(text: string): void;
  /** A list of a record's names, and an action or callback: JSON texts. */
  learnShape(text: string): void;
  learnEntry(text: string): void;
}

/**
 * The host's side of the buffer values cross in. Numbers cross as doubles, addresses as 64-bit
 * integers (bigint on both sides), strings as numbers once both sides know them.
 */
export class Mailbox {
  private readonly memory: { readonly buffer: ArrayBuffer };
  private readonly address: number;
  private f64: Float64Array;
  private i64: BigInt64Array;
  private u64: BigUint64Array;
  private at = 0;
  /** Strings the VM has told, and those of one message only. */
  private readonly heard: string[] = [];
  private heardOnce: string[] = [];
  private readonly told = new Map<string, number>();
  private toldOnce = 0;
  /** Characters of the texts of this message that crossed. */
  private sent = 0;
  private readonly shapes = new Map<string, number>();
  private lastShape: { readonly names: readonly string[]; readonly id: number } | undefined;
  private readonly entries = {
    actions: new Map<string, number>(),
    callbacks: new Map<string, number>(),
  };
  private readonly sink: TextSink;

  constructor(memory: { readonly buffer: ArrayBuffer }, address: number, sink: TextSink) {
    this.memory = memory;
    this.address = address;
    this.sink = sink;
    this.f64 = new Float64Array(0);
    this.i64 = new BigInt64Array(0);
    this.u64 = new BigUint64Array(0);
  }

  /** Goes to slot 0. The memory may have grown, which detaches every view of it. */
  rewind(): void {
    if (this.f64.length === 0) this.view();
    this.at = 0;
  }

  private view(): void {
    const { buffer } = this.memory;
    this.f64 = new Float64Array(buffer, this.address, LIMIT.mailboxSlots);
    this.i64 = new BigInt64Array(buffer, this.address, LIMIT.mailboxSlots);
    this.u64 = new BigUint64Array(buffer, this.address, LIMIT.mailboxSlots);
  }

  /**
   * A string of the VM's. The last slot says whether it is kept (1) or of one message only (0); the
   * number it crosses as takes its place.
   */
  hear(text: string): void {
    const { buffer } = this.memory;
    if (this.f64.buffer !== buffer) this.view();
    const slot = LIMIT.textSlot;
    const keep = this.f64[slot] === 1;
    this.f64[slot] = keep ? this.heard.push(text) - 1 : -this.heardOnce.push(text);
  }

  /** The VM is what it was before any message: so is this. */
  forget(): void {
    this.heard.length = 0;
    this.heardOnce = [];
    this.told.clear();
    this.toldOnce = 0;
    this.shapes.clear();
    this.lastShape = undefined;
    this.entries.actions.clear();
    this.entries.callbacks.clear();
  }

  /** The values of a request's known arguments, in their order; those left out are not there. */
  values(names: readonly string[]): Record<string, Value> {
    const record: Record<string, Value> = {};
    for (const name of names) {
      const value = this.value();
      if (value !== undefined) record[name] = value;
    }
    return record;
  }

  /** The same where all are there and numbers: without tags. */
  numbers(names: readonly string[]): Record<string, Value> {
    const record: Record<string, Value> = {};
    // + 0: there is one zero outside.
    for (const name of names) record[name] = this.number() + 0;
    return record;
  }

  number(): number {
    return this.f64[this.at++] as number;
  }

  text(): string {
    const id = this.number();
    return (id < 0 ? this.heardOnce[-1 - id] : this.heard[id]) ?? '';
  }

  /** The message has been read: strings of this message only are forgotten. */
  finish(): void {
    if (this.heardOnce.length > 0) this.heardOnce = [];
  }

  value(): Value | undefined {
    switch (this.number()) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.number:
        return this.number();
      case TAG.int64:
        return this.i64[this.at++] as bigint;
      case TAG.uint64:
        return this.u64[this.at++] as bigint;
      case TAG.text:
        return this.text();
      case TAG.list: {
        const list: Value[] = [];
        for (let left = this.number(); left > 0; left -= 1) list.push(this.value() ?? null);
        return list;
      }
      case TAG.record: {
        const record: Record<string, Value> = {};
        for (let left = this.number(); left > 0; left -= 1) {
          const name = this.text();
          const value = this.value() ?? null;
          if (name === '__proto__')
            Object.defineProperty(record, name, { value, enumerable: true });
          else record[name] = value;
        }
        return record;
      }
      default:
        return undefined;
    }
  }

  putNumber(value: number): void {
    if (this.at >= LIMIT.lastValueSlot)
      throw new RangeError('the value is too large for the model');
    this.f64[this.at++] = value;
  }

  putText(text: string): void {
    let id = this.told.get(text);
    if (id === undefined) {
      // The length counts before anything is copied.
      this.sent += text.length;
      if (this.sent > LIMIT.messageText)
        throw new RangeError('the value is too large for the model');
      const kept = text.length <= LIMIT.keptText && this.told.size < LIMIT.keptTexts;
      if (kept) id = this.known(this.told, text, () => this.sink.learn(text));
      else {
        this.toldOnce += 1;
        id = -this.toldOnce;
        const { at } = this;
        this.sink.learnOnce(text);
        this.rewind();
        this.at = at;
      }
    }
    this.putNumber(id);
  }

  /** Which action or callback is meant. */
  putEntry(kind: 'actions' | 'callbacks', name: string): void {
    const entries = this.entries[kind];
    this.putNumber(
      entries.get(name) ??
        this.known(
          entries,
          name,
          () => this.sink.learnEntry(JSON.stringify([kind, name])),
          this.entries.actions.size + this.entries.callbacks.size,
        ),
    );
  }

  /** The number something crosses as; telling it may move the memory, which detaches every view. */
  private known(
    numbers: Map<string, number>,
    key: string,
    tell: () => void,
    next = numbers.size,
  ): number {
    let id = numbers.get(key);
    if (id === undefined) {
      id = next;
      numbers.set(key, id);
      const { at } = this;
      tell();
      this.rewind();
      this.at = at;
    }
    return id;
  }

  /** The whole message is a number for the session that ran last. */
  putResume(value: number): void {
    this.rewind();
    this.f64[0] = OP.resume;
    this.f64[1] = value;
  }

  /** Has the VM answered? Answers are above every question (see EVENT). */
  answered(): boolean {
    this.rewind();
    return (this.f64[0] as number) >= EVENT.request;
  }

  /** Begins a message to the VM. */
  begin(): void {
    this.rewind();
    this.toldOnce = 0;
    this.sent = 0;
  }

  put(value: Value | undefined): void {
    switch (typeof value) {
      case 'number':
        this.putNumber(TAG.number);
        this.putNumber(value);
        return;
      case 'bigint':
        this.putBigint(value);
        return;
      case 'string':
        this.putNumber(TAG.text);
        this.putText(value);
        return;
      case 'boolean':
        this.putNumber(value ? TAG.true : TAG.false);
        return;
      case 'undefined':
        this.putNumber(TAG.nothing);
        return;
      default:
        this.putStructure(value as Value);
    }
  }

  private putBigint(value: bigint): void {
    const wide = value >= 1n << 63n;
    this.putNumber(wide ? TAG.uint64 : TAG.int64);
    if (wide) this.u64[this.at++] = value;
    else this.i64[this.at++] = value;
  }

  private putStructure(value: Value): void {
    if (value === null) {
      this.putNumber(TAG.null);
    } else if (Array.isArray(value)) {
      this.putNumber(TAG.list);
      this.putNumber(value.length);
      for (const item of value) this.put(item as Value);
    } else {
      const names = Object.keys(value);
      // Calls of one callback mostly bring the same record.
      const { lastShape } = this;
      if (lastShape && sameNames(lastShape.names, names)) {
        this.putNumber(TAG.shaped);
        this.putNumber(lastShape.id);
        for (const name of names) this.put((value as Record<string, Value>)[name]);
        return;
      }
      if (names.length <= SHAPED_NAMES) {
        const key = names.join('\0');
        const plain = this.shapes.size < KEPT_SHAPES && !names.includes('__proto__');
        if (this.shapes.has(key) || plain) {
          this.putNumber(TAG.shaped);
          const tell = () => this.sink.learnShape(JSON.stringify(names));
          const id = this.known(this.shapes, key, tell);
          this.lastShape = { names, id };
          this.putNumber(id);
          for (const name of names) this.put((value as Record<string, Value>)[name]);
          return;
        }
      }
      const entries = Object.entries(value);
      this.putNumber(TAG.record);
      this.putNumber(entries.length);
      for (const [name, item] of entries) {
        this.putText(name);
        this.put(item as Value);
      }
    }
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
