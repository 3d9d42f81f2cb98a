import type { Value } from '../../../shared/world/value.ts';
import { MAX_DEPTH, TAG } from './byte-writer.ts';

/** A blob that is not what a recorder writes. The message is one clause, without the place. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

const NARROW = 4096;

/** Reads what `ByteWriter` wrote. Every read is bounded by the blob; damage gives a DecodeError. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly strings: string[] = [];
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new DecodeError('it ends in the middle of a record');
    this.at += 1;
    return value;
  }

  varint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 128;
    for (let more = 1; more < 8; more += 1) {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) throw new DecodeError('a number is over 2^53');
        return value;
      }
      scale *= 128;
    }
    throw new DecodeError('a number is longer than eight bytes');
  }

  /** A count of things of which each takes `least` bytes or more. */
  count(least: number): number {
    const count = this.varint();
    if (count * least > this.left) throw new DecodeError('a count goes past the end');
    return count;
  }

  string(): string {
    const index = this.varint();
    if (index > 0) return this.known(index - 1);
    const text = this.text();
    this.strings.push(text);
    return text;
  }

  private known(index: number): string {
    const text = this.strings[index];
    if (text === undefined)
      throw new DecodeError(`it refers to string ${index} before it is there`);
    return text;
  }

  private text(): string {
    const head = this.varint();
    const length = Math.floor(head / 2);
    const size = head % 2 === 1 ? length * 2 : length;
    if (size > this.left) throw new DecodeError('a string goes past the end');
    let text = '';
    for (let from = 0; from < length; from += NARROW) {
      const codes: number[] = [];
      const to = Math.min(length, from + NARROW);
      for (let index = from; index < to; index += 1) {
        const low = this.bytes[this.at++] ?? 0;
        codes.push(head % 2 === 1 ? low | ((this.bytes[this.at++] ?? 0) << 8) : low);
      }
      text += String.fromCharCode(...codes);
    }
    return text;
  }

  value(depth = 0): Value | undefined {
    const tag = this.byte();
    if (tag >= 0x80) return tag & 0x7f;
    if (tag >= 0x40) return this.known(tag & 0x3f);
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.uint:
        return this.varint();
      case TAG.negative:
        return -1 - this.varint();
      case TAG.float:
        return this.float();
      case TAG.smallBig:
        return BigInt(this.varint());
      case TAG.big:
        return this.big();
      case TAG.string:
        return this.string();
      case TAG.list:
        return this.list(depth);
      case TAG.map:
        return this.map(depth);
      case TAG.undefined:
        return undefined;
      default:
        throw new DecodeError(`byte ${tag} begins no value`);
    }
  }

  private float(): number {
    if (this.left < 8) throw new DecodeError('it ends in the middle of a number');
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  private big(): bigint {
    const text = this.text();
    // No kernel value is wider than 64 bits; a bound keeps a long one from costing quadratic time.
    if (!/^-?[0-9]{1,128}$/.test(text)) throw new DecodeError('a bigint is not decimal');
    return BigInt(text);
  }

  private list(depth: number): Value[] {
    if (depth >= MAX_DEPTH) throw new DecodeError(`a value is nested deeper than ${MAX_DEPTH}`);
    const count = this.count(1);
    const items: Value[] = [];
    for (let index = 0; index < count; index += 1) items.push(this.value(depth + 1) as Value);
    return items;
  }

  private map(depth: number): { [name: string]: Value } {
    if (depth >= MAX_DEPTH) throw new DecodeError(`a value is nested deeper than ${MAX_DEPTH}`);
    const count = this.count(2);
    const map: { [name: string]: Value } = {};
    for (let index = 0; index < count; index += 1) {
      setName(map, this.string(), this.value(depth + 1));
    }
    return map;
  }
}

/** Sets a field whose name came from a file: `__proto__` becomes a plain field like any other. */
export function setName(
  map: { [name: string]: Value },
  name: string,
  value: Value | undefined,
): void {
  if (name === '__proto__') {
    Object.defineProperty(map, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  } else map[name] = value as Value;
}
