import { describe, expect, it } from 'vitest';
import { FUEL_ADDRESS, metered } from '../../../src/main/plugins/wasm/meter.ts';

const text = (value: string) => [value.length, ...Buffer.from(value)];
/** A length below 2 ** 14 as LEB128. */
const size = (value: number) => (value < 128 ? [value] : [(value % 128) + 128, value >> 7]);
const section = (id: number, bytes: readonly number[]) => [id, ...size(bytes.length), ...bytes];

/** A module of one function `run(n)` with these instructions, and a memory of one page. */
function moduleOf(code: readonly number[]): Uint8Array {
  const body = [0, ...code, 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...text('run'), 0, 0, ...text('memory'), 2, 0]),
    ...section(10, [1, ...size(body.length), ...body]),
  ]);
}

/** Runs it metered with so much fuel; what is left, and whether it was stopped. */
function run(code: readonly number[], n: number, fuel: number) {
  const module = new WebAssembly.Module(metered(moduleOf(code)));
  const { exports } = new WebAssembly.Instance(module, {});
  const { buffer } = exports['memory'] as WebAssembly.Memory;
  const words = new Int32Array(buffer);
  words[FUEL_ADDRESS / 4] = fuel;
  let stopped = false;
  try {
    (exports['run'] as (n: number) => void)(n);
  } catch (error) {
    stopped = error instanceof WebAssembly.RuntimeError;
  }
  return { left: words[FUEL_ADDRESS / 4], stopped };
}

/** loop: n = n - 1; br_if 0 (n) */
const COUNTDOWN = [0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b];
/** loop: br 0 */
const ENDLESS = [0x03, 0x40, 0x0c, 0, 0x0b];
/** memory.fill(1024, 0, n) */
const FILL = [0x41, 0x80, 0x08, 0x41, 0, 0x20, 0, 0xfc, 11, 0];
/** loop: br_table with 200 targets that leave it, and the loop itself as default */
const DISPATCH = [0x02, 0x40, 0x03, 0x40, 0x20, 0].concat(
  [0x0e, 0xc8, 0x01, ...new Array<number>(200).fill(1), 0],
  [0x0b, 0x0b],
);

describe('metered', () => {
  it('takes one unit for each turn of a loop', () => {
    expect(run(COUNTDOWN, 10, 100)).toEqual({ left: 90, stopped: false });
    expect(run(COUNTDOWN, 100, 100)).toEqual({ left: 0, stopped: false });
  });

  it('stops the code at the turn for which there is none left', () => {
    expect(run(COUNTDOWN, 101, 100)).toEqual({ left: -1, stopped: true });
    expect(run(ENDLESS, 0, 1000)).toEqual({ left: -1, stopped: true });
  });

  it('takes one unit for 64 bytes that are filled at once', () => {
    expect(run(FILL, 6400, 1000)).toEqual({ left: 900, stopped: false });
    expect(run(FILL, 6400, 99)).toEqual({ left: -1, stopped: true });
  });

  it('does not count the turns of a loop that interprets bytecode', () => {
    expect(run(DISPATCH, 3, 5)).toEqual({ left: 5, stopped: false });
  });

  it('refuses instructions whose length it does not know', () => {
    // A vector instruction: v128.const.
    expect(() => metered(moduleOf([0xfd, 12]))).toThrow('cannot be metered');
  });
});
