import type { Value } from '../../../shared/world/value.ts';

/**
 * Tags of an encoded value. A byte from 0x80 on is a number 0..127 by itself, 0x40..0x7f one of
 * the first 64 strings of the blob. Numbers and bigints keep apart: 5 and 5n come back as such.
 */
export const TAG = {
  null: 0,
  false: 1,
  true: 2,
  /** Non-negative safe integer. */
  uint: 3,
  /** Negative safe integer n, as -1 - n. */
  negative: 4,
  float: 5,
  /** Non-negative bigint below 2^53. */
  smallBig: 6,
  /** Any other bigint, in decimal. */
  big: 7,
  string: 8,
  list: 9,
  map: 10,
  undefined: 11,
} as const;

/** Deepest nesting of lists and maps in one value. */
export const MAX_DEPTH = 32;

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Appends numbers, strings and values to a buffer that grows. A string is written out once. */
export class ByteWriter {
  private bytes: Uint8Array;
  private view: DataView;
  private readonly strings = new Map<string, number>();
  at = 0;

  constructor(capacity = 1 << 16) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** What was written so far; the writer must not be used afterwards. */
  take(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  /** Leaves `count` bytes at the front for a header; see `header`. */
  skip(count: number): void {
    this.reserve(count);
    this.at += count;
  }

  header(write: (view: DataView) => void): void {
    write(this.view);
  }

  private reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  byte(value: number): void {
    if (this.at === this.bytes.length) this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** A non-negative safe integer, seven bits a byte, low bits first. */
  varint(value: number): void {
    if (this.at + 8 > this.bytes.length) this.reserve(8);
    const { bytes } = this;
    while (value >= 0x10000000) {
      bytes[this.at++] = (value % 128) | 0x80;
      value = Math.floor(value / 128);
    }
    while (value >= 0x80) {
      bytes[this.at++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    bytes[this.at++] = value;
  }

  /** A string by its index in the blob; a new one is written out, UTF-16 where Latin-1 is short. */
  string(text: string): void {
    const known = this.strings.get(text);
    if (known !== undefined) {
      this.varint(known + 1);
      return;
    }
    this.strings.set(text, this.strings.size);
    this.byte(0);
    this.text(text);
  }

  private text(text: string): void {
    const { length } = text;
    let wide = 0;
    for (let index = 0; index < length; index += 1) wide |= text.charCodeAt(index);
    const isWide = wide > 0xff;
    this.varint(length * 2 + (isWide ? 1 : 0));
    this.reserve(isWide ? length * 2 : length);
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      this.bytes[this.at++] = code;
      if (isWide) this.bytes[this.at++] = code >>> 8;
    }
  }

  /** Any value a record or an argument can hold. Throws TypeError on what none can. */
  value(value: Value | undefined, depth = 0): void {
    switch (typeof value) {
      case 'number':
        this.number(value);
        return;
      case 'string': {
        const known = this.strings.get(value);
        if (known !== undefined && known < 64) {
          this.byte(0x40 | known);
          return;
        }
        this.byte(TAG.string);
        this.string(value);
        return;
      }
      case 'boolean':
        this.byte(value ? TAG.true : TAG.false);
        return;
      case 'bigint':
        this.bigint(value);
        return;
      case 'undefined':
        this.byte(TAG.undefined);
        return;
      case 'object':
        this.nested(value, depth);
        return;
      default:
        throw new TypeError(`a recording cannot hold a ${typeof value}`);
    }
  }

  private number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.byte(TAG.float);
      this.reserve(8);
      this.view.setFloat64(this.at, value, true);
      this.at += 8;
    } else if (value < 0) {
      this.byte(TAG.negative);
      this.varint(-1 - value);
    } else if (value < 0x80) {
      this.byte(0x80 | value);
    } else {
      this.byte(TAG.uint);
      this.varint(value);
    }
  }

  private bigint(value: bigint): void {
    if (value >= 0n && value <= SAFE) {
      this.byte(TAG.smallBig);
      this.varint(Number(value));
    } else {
      this.byte(TAG.big);
      this.text(value.toString());
    }
  }

  private nested(value: (Value & object) | null, depth: number): void {
    if (value === null) {
      this.byte(TAG.null);
      return;
    }
    if (depth >= MAX_DEPTH) throw new TypeError(`a value is nested deeper than ${MAX_DEPTH}`);
    if (Array.isArray(value)) {
      this.byte(TAG.list);
      this.varint(value.length);
      for (const item of value as readonly Value[]) this.value(item, depth + 1);
      return;
    }
    this.byte(TAG.map);
    const map = value as { readonly [name: string]: Value };
    const names = Object.keys(map);
    this.varint(names.length);
    for (const name of names) {
      this.string(name);
      this.value(map[name], depth + 1);
    }
  }
}
