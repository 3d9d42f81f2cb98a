import type { EmscriptenModuleCallbacks, QuickJSEmscriptenModule } from 'quickjs-emscripten-core';

/** A C function of the build. */
export type CFunction = (...args: number[]) => number;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** The part of Emscripten's own loader that quickjs-emscripten needs, over one memory. */
export class EmscriptenShape implements QuickJSEmscriptenModule {
  readonly type = 'sync';
  callbacks!: EmscriptenModuleCallbacks;
  readonly TOTAL_STACK = 0;
  readonly TOTAL_MEMORY = 0;
  readonly FAST_MEMORY = 0;
  private readonly memory: WebAssembly.Memory;
  private readonly find: (name: string) => CFunction;

  /** @param find the C function of a name, such as `_malloc` */
  constructor(memory: WebAssembly.Memory, find: (name: string) => CFunction) {
    this.memory = memory;
    this.find = find;
  }

  get HEAP8(): Int8Array {
    return new Int8Array(this.memory.buffer);
  }
  get HEAP16(): Int16Array {
    return new Int16Array(this.memory.buffer);
  }
  get HEAP32(): Int32Array {
    return new Int32Array(this.memory.buffer);
  }
  get HEAPU8(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }
  get HEAPU16(): Uint16Array {
    return new Uint16Array(this.memory.buffer);
  }
  get HEAPU32(): Uint32Array {
    return new Uint32Array(this.memory.buffer);
  }
  get HEAPF32(): Float32Array {
    return new Float32Array(this.memory.buffer);
  }
  get HEAPF64(): Float64Array {
    return new Float64Array(this.memory.buffer);
  }

  quickjsEmscriptenInit(): { getWasmMemory(): never } {
    return { getWasmMemory: () => this.memory as never };
  }

  _malloc(bytes: number): number {
    return this.find('_malloc')(bytes);
  }

  _free(pointer: number): void {
    this.find('_free')(pointer);
  }

  lengthBytesUTF8(text: string): number {
    return Buffer.byteLength(text);
  }

  stringToUTF8(text: string, pointer: number, room = Infinity): void {
    const bytes = this.HEAPU8;
    const limit = Math.min(bytes.length, pointer + room) - 1;
    const { written } = ENCODER.encodeInto(text, bytes.subarray(pointer, limit));
    bytes[pointer + written] = 0;
  }

  UTF8ToString(pointer: number): string {
    const bytes = this.HEAPU8;
    return DECODER.decode(bytes.subarray(pointer, bytes.indexOf(0, pointer)));
  }

  /** A C function that may be given strings: they are copied for the time of the call. */
  cwrap(name: string, _: unknown, types: readonly unknown[]): (...args: never[]) => number {
    const found = this.find(`_${name}`);
    if (!types.includes('string')) return found as (...args: never[]) => number;
    return (...args: (string | number)[]) => {
      const kept: number[] = [];
      const numbers = args.map((arg) => {
        if (typeof arg !== 'string') return arg;
        const room = Buffer.byteLength(arg) + 1;
        const pointer = this._malloc(room);
        this.stringToUTF8(arg, pointer, room);
        kept.push(pointer);
        return pointer;
      });
      const result = found(...numbers);
      for (const pointer of kept) this._free(pointer);
      return result;
    };
  }
}
