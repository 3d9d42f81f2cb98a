import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { QuickJSFFI } from '@jitl/quickjs-wasmfile-release-sync/ffi';
import { QuickJSWASMModule } from 'quickjs-emscripten-core';
import { EmscriptenShape, type CFunction } from './emscripten.ts';
import { FUEL_ADDRESS, metered } from './meter.ts';

const PAGE = 65536;
/** Pages a memory begins with: what the build asks for, its C stack and data among them. */
const INITIAL_PAGES = 256;
/** Pages it grows to at most; QuickJS's own limit of its heap comes first. */
const MAX_PAGES = 512;
/** The largest amount of fuel. */
export const MOST_FUEL = 2 ** 31 - 1;
/** Bytes of the build's C stack, which stands between its data and its heap. */
const C_STACK = 5 * 1024 * 1024;

/** Imports of the build, as its linker shortened their names. */
const IMPORT = {
  ...{ memory: 'a', grow: 'k', seek: 'o' },
  ...{ call: 's', interrupt: 'i', source: 'h', normalize: 'g' },
  /** These end what runs. */
  stop: ['b', 'q', 'r'],
  /** Time, environment, files, and what the host should forget: there are none. */
  nothing: ['c', 'd', 'e', 'f', 'j', 'l', 'm', 'n', 'p', 't'],
} as const;
/** The export that runs the build's constructors. */
const START = 'u';

/** The compiled and metered module, and its exports' full names. One serves a whole process. */
export interface QuickJsCode {
  readonly module: WebAssembly.Module;
  /** Short name of an export by its C name with an underscore. */
  readonly exports: ReadonlyMap<string, string>;
}

/** Reads, meters and compiles QuickJS. */
export function quickJsCode(): QuickJsCode {
  const { resolve } = createRequire(import.meta.url);
  const name = '@jitl/quickjs-wasmfile-release-sync';
  const module = new WebAssembly.Module(metered(readFileSync(resolve(`${name}/wasm`))));
  // The build's own loader says which export is which function; three of them it gives no name.
  const loader = readFileSync(resolve(`${name}/emscripten-module`), 'utf8');
  const named = [...loader.matchAll(/\.\s*(_\w+)=\s*b\.\s*([\w$]+)/g)];
  const exports = new Map(named.map(([, full = '', short = '']) => [full, short]));
  const unnamed = /(?:;\s*\w+=\s*b\.\s*[\w$]+){4};/.exec(loader)?.[0] ?? '';
  const [, stackRestore, , stackSave] = [...unnamed.matchAll(/b\.\s*([\w$]+)/g)];
  exports.set('stackRestore', stackRestore?.[1] ?? '').set('stackSave', stackSave?.[1] ?? '');
  return { module, exports };
}

/** What was in the memory at one time: its data and its heap, without the stack between them. */
export interface HeapImage {
  readonly data: Uint8Array;
  readonly heap: Uint8Array;
}

/** What QuickJS asks of the host while it runs. Whatever these throw ends all that runs in it. */
export interface QuickJsHost {
  /** A function made with `hostFunction` was called; its arguments are at `args`. */
  call(id: number, args: number): void;
  /** Once in so many backward jumps and calls (10,000 in this build). */
  poll(): void;
}

/** One QuickJS with a memory of its own. It knows no clock, no file and no environment. */
export class QuickJs {
  readonly memory: WebAssembly.Memory;
  host: QuickJsHost | undefined;
  private readonly exports: Record<string, unknown>;
  private readonly names: ReadonlyMap<string, string>;
  private readonly shape: EmscriptenShape;
  /** The stack pointer while nothing runs: the heap begins here. */
  private readonly stackTop: number;
  /** The memory before anything ran. */
  private readonly pristine: HeapImage;
  private bytes: Uint8Array;
  private words: Int32Array;
  private made: QuickJSWASMModule | undefined;

  constructor({ module, exports }: QuickJsCode) {
    this.names = exports;
    this.memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAX_PAGES });
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Int32Array(this.memory.buffer);
    this.shape = new EmscriptenShape(this.memory, (name) => this.find(name));
    this.refuel(MOST_FUEL);
    this.exports = new WebAssembly.Instance(module, { a: this.imports() }).exports;
    (this.exports[START] as CFunction)();
    this.stackTop = this.find('stackSave')();
    this.pristine = this.image();
  }

  /** The binding of it. */
  get quickjs(): QuickJSWASMModule {
    this.made ??= new QuickJSWASMModule(this.shape, new QuickJSFFI(this.shape));
    return this.made;
  }

  /** Forgets all that ran, in the memory and in the binding. */
  renew(): void {
    this.view();
    this.bytes.fill(0, this.stackTop, this.top());
    this.restore(this.pristine);
    this.made = undefined;
    this.host = undefined;
  }

  /** Sets what the code may still do (see meter.ts). */
  refuel(fuel: number): void {
    if (this.words.length === 0) this.view();
    this.words[FUEL_ADDRESS / 4] = fuel;
  }

  /** Has it been stopped because no fuel was left? */
  get starved(): boolean {
    if (this.words.length === 0) this.view();
    return (this.words[FUEL_ADDRESS / 4] as number) < 0;
  }

  /** Keeps what is in the memory now; nothing of it may run. */
  image(): HeapImage {
    this.view();
    return {
      data: this.bytes.slice(0, this.stackTop - C_STACK),
      heap: this.bytes.slice(this.stackTop, this.top()),
    };
  }

  /** The end of what was ever written, in whole pages. */
  private top(): number {
    const zeros = new Uint8Array(PAGE);
    let top = this.bytes.length;
    while (top > this.stackTop) {
      const from = Math.max(top - PAGE, this.stackTop);
      const page = this.bytes.subarray(from, top);
      if (Buffer.compare(page, zeros.subarray(0, page.length)) !== 0) break;
      top = from;
    }
    return top;
  }

  /** Makes the memory what it was, whatever ran since and however it ended. */
  restore({ data, heap }: HeapImage): void {
    this.view();
    this.bytes.set(data, 0);
    this.bytes.set(heap, this.stackTop);
    this.find('stackRestore')(this.stackTop);
  }

  malloc(bytes: number): number {
    return this.find('_malloc')(bytes);
  }

  private find(name: string): CFunction {
    const found = this.exports[this.names.get(name) ?? ''];
    if (typeof found !== 'function') {
      throw new Error(`QuickJS has no ${name}: it is not the version this is made for`);
    }
    return found as CFunction;
  }

  private view(): void {
    const { buffer } = this.memory;
    if (this.bytes.buffer === buffer) return;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
  }

  private grow(bytes: number): number {
    const pages = Math.ceil((bytes - this.memory.buffer.byteLength) / PAGE);
    if (pages <= 0) return 1;
    try {
      this.memory.grow(pages);
      return 1;
    } catch {
      return 0;
    }
  }

  /** What the C library asks of its surroundings. */
  private imports(): Record<string, WebAssembly.ImportValue> {
    const stop = () => {
      throw new WebAssembly.RuntimeError('QuickJS gave up');
    };
    const { shape } = this;
    const text = (pointer: number) => shape.UTF8ToString(pointer);
    return {
      ...Object.fromEntries(IMPORT.nothing.map((name) => [name, () => 0])),
      ...Object.fromEntries(IMPORT.stop.map((name) => [name, stop])),
      [IMPORT.memory]: this.memory,
      [IMPORT.grow]: (bytes: number) => this.grow(bytes >>> 0),
      // ESPIPE: nothing can be sought in.
      [IMPORT.seek]: () => 70,
      // No value is undefined.
      [IMPORT.call]: (_ctx: number, _self: number, _count: number, args: number, id: number) => {
        this.host?.call(id, args);
        return 0;
      },
      [IMPORT.interrupt]: () => {
        this.host?.poll();
        return 0;
      },
      [IMPORT.source]: (runtime: never, ctx: never, name: number) =>
        shape.callbacks.loadModuleSource(undefined, runtime, ctx, text(name)),
      [IMPORT.normalize]: (runtime: never, ctx: never, base: number, name: number) =>
        shape.callbacks.normalizeModule(undefined, runtime, ctx, text(base), text(name)),
    };
  }
}
