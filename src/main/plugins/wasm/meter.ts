/**
 * Makes WebAssembly code count what it does. Fuel is a 32-bit number in its memory: each turn of a
 * loop takes one, a bulk copy takes one per 64 bytes, and the code traps when none is left. So any
 * code of the module ends, at the same instruction everywhere.
 */

/** Where the fuel stands in the memory, in bytes: below everything a C compiler puts there. */
export const FUEL_ADDRESS = 16;

/** Bytes that a bulk copy or fill moves for one unit of fuel, as a shift. */
const BULK_SHIFT = 6;

/**
 * A loop with a jump table as large as this interprets bytecode. Its turns are not counted: the
 * interpreter counts its own backward jumps and calls, and this would cost a fifth of its speed.
 */
const DISPATCH = 200;

const SECTION = { type: 1, import: 2, function: 3, code: 10 } as const;
const EMPTY_BLOCK = 0x40;
const I32 = 0x7f;

const OP = {
  ...{ unreachable: 0x00, block: 0x02, loop: 0x03, if: 0x04, end: 0x0b },
  ...{ brTable: 0x0e, selectTyped: 0x1c, localGet: 0x20, localSet: 0x21, localTee: 0x22 },
  ...{ i32Load: 0x28, i32Store: 0x36, i32Const: 0x41, i64Const: 0x42 },
  ...{ f32Const: 0x43, f64Const: 0x44, i32LtS: 0x48, i32Sub: 0x6b, i32ShrU: 0x76 },
  prefix: 0xfc,
} as const;

/** How many LEB128 numbers follow an instruction; those not here have none. */
const IMMEDIATES: ReadonlyMap<number, number> = new Map([
  ...[0x0c, 0x0d, 0x10, 0xd2, 0xd0, 0x3f, 0x40].map((op) => [op, 1] as const),
  ...[0x11].map((op) => [op, 2] as const),
  ...span(0x20, 0x26, 1),
  ...span(0x28, 0x3e, 2),
  ...[OP.i32Const, OP.i64Const].map((op) => [op, 1] as const),
]);
/** The same for instructions after the prefix 0xfc. */
const PREFIXED = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];
const MEMORY_COPY = 10;
const MEMORY_FILL = 11;

function span(from: number, to: number, count: number): (readonly [number, number])[] {
  return Array.from({ length: to - from + 1 }, (_, at) => [from + at, count] as const);
}

class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new RangeError('the WebAssembly module ends too early');
    this.at += 1;
    return byte;
  }

  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  skipNumber(): void {
    while (this.byte() >= 128);
  }

  skip(bytes: number): void {
    this.at += bytes;
  }
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? low + 128 : low);
  } while (left > 0);
  return bytes;
}

/** Takes an amount, as the code tells it, from the fuel; `local` is an i32 of the function's own. */
function charge(local: number, amount: readonly number[]): number[] {
  const at = [2, FUEL_ADDRESS];
  return [
    ...[OP.i32Const, 0, OP.i32Const, 0, OP.i32Load, ...at, ...amount, OP.i32Sub],
    ...[OP.localTee, ...unsigned(local), OP.i32Store, ...at],
    ...[OP.localGet, ...unsigned(local), OP.i32Const, 0, OP.i32LtS],
    ...[OP.if, EMPTY_BLOCK, OP.unreachable, OP.end],
  ];
}

/** Parameters of each function type, and the type of each function of the module's own. */
function parametersOf(bytes: Uint8Array, sections: readonly Section[]): number[] {
  const types = sections.find((section) => section.id === SECTION.type);
  const functions = sections.find((section) => section.id === SECTION.function);
  if (!types || !functions) return [];
  const reader = new Reader(bytes, types.from);
  const counts = Array.from({ length: reader.unsigned() }, () => {
    reader.skip(1);
    const count = reader.unsigned();
    reader.skip(count);
    reader.skip(reader.unsigned());
    return count;
  });
  reader.at = functions.from;
  return Array.from({ length: reader.unsigned() }, () => counts[reader.unsigned()] ?? 0);
}

interface Section {
  readonly id: number;
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

function sectionsOf(bytes: Uint8Array): Section[] {
  const reader = new Reader(bytes, 8);
  const sections: Section[] = [];
  while (reader.at < bytes.length) {
    const start = reader.at;
    const id = reader.byte();
    const size = reader.unsigned();
    sections.push({ id, start, from: reader.at, to: reader.at + size });
    reader.skip(size);
  }
  return sections;
}

/** Goes over the immediates of an instruction. */
function skipImmediates(reader: Reader, op: number): void {
  if (op === OP.selectTyped) reader.skip(reader.unsigned());
  else if (op === OP.f32Const) reader.skip(4);
  else if (op === OP.f64Const) reader.skip(8);
  else if (op >= 0xfd || (op >= 0x06 && op <= 0x0a) || (op >= 0x12 && op <= 0x19)) {
    throw new RangeError(`WebAssembly instruction ${op} cannot be metered`);
  } else for (let left = IMMEDIATES.get(op) ?? 0; left > 0; left -= 1) reader.skipNumber();
}

/** The body of one function with its loops and bulk copies charged. */
function meterBody(bytes: Uint8Array, from: number, to: number, parameters: number): Uint8Array {
  const reader = new Reader(bytes, from);
  const groups = reader.unsigned();
  const groupsFrom = reader.at;
  let local = parameters;
  for (let left = groups; left > 0; left -= 1) {
    local += reader.unsigned();
    reader.skip(1);
  }
  const parts: Uint8Array[] = [
    Uint8Array.from(unsigned(groups + 1)),
    bytes.subarray(groupsFrom, reader.at),
    Uint8Array.from([1, I32]),
  ];
  const body = reader.at;
  const get = [OP.localGet, ...unsigned(local)];
  const turn = Uint8Array.from(charge(local, [OP.i32Const, 1]));
  const bulk = Uint8Array.from([
    ...[OP.localSet, ...unsigned(local), ...get],
    ...charge(local, [...get, OP.i32Const, BULK_SHIFT, OP.i32ShrU]),
  ]);
  const inserts: { readonly at: number; readonly code: Uint8Array; counted: boolean }[] = [];
  const open: ((typeof inserts)[number] | undefined)[] = [];
  while (reader.at < to) {
    const start = reader.at;
    const op = reader.byte();
    if (op === OP.block || op === OP.loop || op === OP.if) {
      reader.skipNumber();
      const insert = op === OP.loop ? { at: reader.at, code: turn, counted: true } : undefined;
      if (insert) inserts.push(insert);
      open.push(insert);
    } else if (op === OP.end) open.pop();
    else if (op === OP.brTable) {
      const targets = reader.unsigned();
      for (let left = targets; left >= 0; left -= 1) reader.skipNumber();
      if (targets >= DISPATCH) for (const loop of open) if (loop) loop.counted = false;
    } else if (op === OP.prefix) {
      const sub = reader.unsigned();
      if (sub === MEMORY_COPY || sub === MEMORY_FILL) {
        inserts.push({ at: start, code: bulk, counted: true });
      }
      for (let left = PREFIXED[sub] ?? 0; left > 0; left -= 1) reader.skipNumber();
    } else skipImmediates(reader, op);
  }
  let copied = body;
  for (const { at, code, counted } of inserts) {
    if (!counted) continue;
    parts.push(bytes.subarray(copied, at), code);
    copied = at;
  }
  parts.push(bytes.subarray(copied, to));
  return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The same module, metered. Throws RangeError for instructions it does not know. */
export function metered(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(bytes);
  const parameters = parametersOf(bytes, sections);
  const parts: Uint8Array[] = [bytes.subarray(0, 8)];
  for (const { id, start, from, to } of sections) {
    if (id !== SECTION.code) {
      parts.push(bytes.subarray(start, to));
      continue;
    }
    const reader = new Reader(bytes, from);
    const count = reader.unsigned();
    const bodies: Uint8Array[] = [Uint8Array.from(unsigned(count))];
    for (let at = 0; at < count; at += 1) {
      const size = reader.unsigned();
      const body = meterBody(bytes, reader.at, reader.at + size, parameters[at] ?? 0);
      bodies.push(Uint8Array.from(unsigned(body.length)), body);
      reader.skip(size);
    }
    const code = joined(bodies);
    parts.push(Uint8Array.from([id, ...unsigned(code.length)]), code);
  }
  return joined(parts);
}
