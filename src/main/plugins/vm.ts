import { createHash } from 'node:crypto';
import type {
  QuickJSContext,
  QuickJSHandle,
  QuickJSRuntime,
  QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import type { ServiceNames } from '../engine/kernel/device/model.ts';
import { ERRNO } from '../../shared/plugins/errno.ts';
import type { Args, Value } from '../../shared/world/value.ts';
import { LIBRARY, libraryModule } from './library.ts';
import { Mailbox, type TextSink } from './mailbox.ts';
import { resolveModule, type ModuleText } from './modules.ts';
import type { Binding } from './source-scan.ts';
import { LIMIT } from './protocol.ts';
import { SANDBOX_MODULES, sandboxModule, type Sandbox } from './sandbox.ts';
import { faultOf, VmFault } from './vm-fault.ts';
import type { HeapImage, QuickJs } from './wasm/quickjs.ts';

/** Heap of one model's VM, in bytes. */
const HEAP_LIMIT = 16 * 1024 * 1024;
/**
 * C stack of one model's VM, in bytes: some 250 JavaScript calls deep. Native recursion (JSON, sort)
 * takes far more of the host's stack than of this one, and must meet this limit first: the host's
 * differs from machine to machine.
 */
const STACK_LIMIT = 48 * 1024;
/**
 * What a segment (from resuming a model to its next request) may do. QuickJS polls once in 10,000
 * backward jumps and calls of the model's own code; what built-ins do natively is counted in turns
 * of their loops (see wasm/meter.ts). So either ends at the same place everywhere.
 */
const FUEL_POLLS = 200;
const NATIVE_FUEL = 2 ** 24;

/** The module whose `keep` freezes what a model's module binds. */
const GUARDS = sandboxModule('guards.js');

/** Ids of the host's functions in the VM. */
const HOST = { text: 1, access: 2 } as const;

/** Thrown through QuickJS when the fuel is spent: nothing that runs there can catch it. */
class OutOfFuel extends Error {}

/** What a model cannot get: these run no code of it, or give it a clock, or a way around. */
const INTRINSICS = {
  BaseObjects: true,
  Eval: true,
  JSON: true,
  MapSet: true,
  TypedArrays: true,
  Promise: true,
} as const;

/** What the VM reaches of the host while it runs. */
export interface VmHost {
  /** Answers one direct access; the mailbox holds the question, then the answer. */
  access(mailbox: Mailbox): void;
}

export interface VmOptions {
  /** Name of the module in messages: `nvdimm/index.js`. */
  readonly file: string;
  readonly source: string;
  /** What is bound at the module's top level: frozen once it has loaded. */
  readonly bindings: readonly Binding[];
  /** Other modules of the plugin, by name as in messages. */
  readonly imported: ReadonlyMap<string, ModuleText>;
  readonly model: string;
  readonly seed: number;
  readonly services: readonly ServiceNames[];
  readonly facts: Args;
  readonly arch: Args;
}

interface RawContext {
  readonly ctx: { readonly value: never };
  readonly memory: {
    readonly module: { UTF8ToString(pointer: never): string };
    heapValueHandle(pointer: never): QuickJSHandle;
  };
}

/** What the binding keeps to itself: without it, every call would copy its arguments. */
function rawOf(context: object): RawContext {
  if (!isRaw(context)) throw new Error('quickjs-emscripten is not the version this is made for');
  return context;
}

function isRaw(context: object): context is RawContext {
  return 'ctx' in context && 'memory' in context;
}

/** One QuickJS context with a model's module loaded, and the mailbox to talk to it. */
export class PluginVm {
  readonly mailbox: Mailbox;
  private readonly sandbox: Sandbox;
  private readonly machine: QuickJs;
  private readonly runtime: QuickJSRuntime;
  private readonly context: QuickJSContext;
  private readonly host: VmHost;
  private readonly options: VmOptions;
  private readonly pointers: { ctx: never; pump: never; undefined: never };
  private readonly functions: { adopt: QuickJSHandle; offers: QuickJSHandle };
  private readonly ffi: ReturnType<QuickJSWASMModule['getFFI']>;
  /** Calls that are under way in it. */
  calls = 0;
  /** The session whose turn it was last; 0: none. */
  lastSession = 0;
  private polls = 0;
  private alive = true;
  /** The memory as it was when the module had loaded. */
  private loaded: HeapImage | undefined;
  private loadedBytes = 0;

  constructor(sandbox: Sandbox, host: VmHost, options: VmOptions) {
    this.sandbox = sandbox;
    this.machine = sandbox.open();
    this.machine.host = {
      call: (id, args) => this.called(id, args),
      poll: () => {
        this.polls += 1;
        if (this.polls > FUEL_POLLS) throw new OutOfFuel();
      },
    };
    this.refuel();
    const { quickjs } = this.machine;
    this.host = host;
    this.options = options;
    this.runtime = quickjs.newRuntime();
    this.runtime.setMaxStackSize(STACK_LIMIT);
    this.runtime.setMemoryLimit(HEAP_LIMIT);
    this.runtime.setModuleLoader(
      (name) => this.moduleSource(name),
      (from, specifier) => this.moduleName(from, specifier),
    );
    this.runtime.setInterruptHandler(() => false);
    this.context = this.runtime.newContext({ intrinsics: INTRINSICS });
    const { context } = this;
    const raw = rawOf(context);
    const ffi = quickjs.getFFI();
    this.ffi = ffi;
    // The buffer must stay where it is, so it is allocated here and QuickJS only points to it.
    const bytes = LIMIT.mailboxSlots * 8;
    const address = this.machine.malloc(bytes);
    const buffer = raw.memory.heapValueHandle(
      ffi.QTS_NewArrayBuffer(raw.ctx.value, address as never, bytes) as never,
    );
    const learners = new Map<keyof TextSink, QuickJSHandle>();
    const tell = (name: keyof TextSink) => (text: string) => {
      const to = learners.get(name);
      const argument = context.newString(text);
      if (to) context.callFunction(to, context.undefined, argument).dispose();
      argument.dispose();
    };
    this.mailbox = new Mailbox(this.machine.memory, address, {
      learn: tell('learn'),
      learnOnce: tell('learnOnce'),
      learnShape: tell('learnShape'),
      learnEntry: tell('learnEntry'),
    });
    const outside = this.hostObject();
    const { file, services, facts, arch, seed } = options;
    const folder = file.slice(0, file.indexOf('/') + 1);
    const errnos: Args = ERRNO;
    const text = literal({ seed, services, errnos, facts: { ...facts, file, folder }, arch });
    const given = context.unwrapResult(context.evalCode(`(${text})`, 'given.js'));
    const name = sandboxModule('prelude.js');
    const module = context.unwrapResult(
      context.evalCode(SANDBOX_MODULES.get(name) ?? '', name, { type: 'module' }),
    );
    const prelude = context.getProp(module, 'prelude');
    const inside = context.unwrapResult(
      context.callFunction(prelude, context.undefined, outside, buffer, given),
    );
    for (const name of ['learn', 'learnOnce', 'learnShape', 'learnEntry'] as const) {
      learners.set(name, context.getProp(inside, name));
    }
    const pump = context.getProp(inside, 'pump');
    this.functions = {
      adopt: context.getProp(inside, 'adopt'),
      offers: context.getProp(inside, 'offers'),
    };
    for (const handle of [outside, given, module, prelude, inside, buffer]) handle.dispose();
    this.pointers = {
      ctx: raw.ctx.value,
      pump: pump.value as never,
      undefined: context.undefined.value as never,
    };
  }

  private hostObject(): QuickJSHandle {
    const { context, ffi } = this;
    const { ctx, memory } = rawOf(context);
    const object = context.newObject();
    for (const name of ['text', 'access'] as const) {
      const made = ffi.QTS_NewFunction(ctx.value, name, 0, false, HOST[name] as never);
      const handle = memory.heapValueHandle(made as never);
      context.setProp(object, name, handle);
      handle.dispose();
    }
    return object;
  }

  /** The VM calls the host: to tell it a text, or for a direct access. */
  private called(id: number, args: number): void {
    if (id === HOST.access) {
      this.mailbox.rewind();
      this.host.access(this.mailbox);
      return;
    }
    const { ctx, memory } = rawOf(this.context);
    const { ffi } = this;
    const value = ffi.QTS_ArgvGetJSValueConstPointer(args as never, 0);
    const pointer = ffi.QTS_GetString(ctx.value, value);
    const text = memory.module.UTF8ToString(pointer as never);
    ffi.QTS_FreeCString(ctx.value, pointer);
    this.mailbox.hear(text);
  }

  /** An import statement reaches what the plugin's folder was found to have and the library, nothing else. */
  private moduleSource(name: string): string | { error: Error } {
    const own = SANDBOX_MODULES.get(name);
    if (own !== undefined) return own;
    const module = LIBRARY.get(name) ?? this.options.imported.get(name);
    return module ? kept(module) : { error: new Error(`there is no module ${name}`) };
  }

  private moduleName(from: string, specifier: string): string {
    if (SANDBOX_MODULES.has(from)) return sandboxModule(specifier);
    if (specifier === GUARDS) return GUARDS;
    if (LIBRARY.has(from)) return libraryModule(specifier);
    if (LIBRARY.has(specifier)) return specifier;
    const folder = this.options.file.slice(0, this.options.file.indexOf('/'));
    const path = resolveModule(from.slice(folder.length + 1), specifier);
    return `${folder}/${path ?? specifier}`;
  }

  /** Loads the module and finds the model in it. */
  load(): VmFault | undefined {
    const { file, model } = this.options;
    return this.guard(() => {
      const evaluated = this.context.evalCode(kept(this.options), file, { type: 'module' });
      if (evaluated.error) return this.placed(this.faultOf(evaluated.error));
      const module = evaluated.value;
      const models = this.context.getProp(module, 'models');
      const name = this.context.newString(model);
      const adopted = this.context.callFunction(
        this.functions.adopt,
        this.context.undefined,
        models,
        name,
      );
      for (const handle of [module, models, name]) handle.dispose();
      if (adopted.error) return this.faultOf(adopted.error);
      const problem = this.context.getString(adopted.value);
      adopted.value.dispose();
      if (problem !== '') return new VmFault(problem);
      this.loaded = this.machine.image();
      this.loadedBytes = this.machine.memory.buffer.byteLength;
      return undefined;
    });
  }

  /**
   * Faults found in what is appended to the module are told where their cause stands: a binding
   * that cannot be kept, or the module's last line when a bracket of it is open.
   */
  private placed(fault: VmFault): VmFault {
    const { file = this.options.file } = fault;
    const module = this.options.imported.get(file) ?? this.options;
    const lines = module.source.trimEnd().split('\n');
    if (
      fault.line !== undefined &&
      fault.line > lines.length &&
      !/^\w+Error: /.test(fault.message)
    ) {
      const column = (lines.at(-1)?.length ?? 0) + 1;
      return new VmFault('the module ends before a bracket is closed', lines.length, column, file);
    }
    const name = /^TypeError: (\S+) could change /.exec(fault.message)?.[1];
    const found = module.bindings.find((binding) => binding.name === name);
    return found ? new VmFault(fault.message, found.line, found.column, file) : fault;
  }

  /** Is there a generator function of this name among the model's actions or callbacks? */
  offers(kind: 'actions' | 'callbacks', name: string): boolean {
    const { context } = this;
    const args = [context.newString(kind), context.newString(name)];
    const result = context.callFunction(this.functions.offers, context.undefined, ...args);
    for (const handle of args) handle.dispose();
    const found = !result.error && context.dump(result.value) === true;
    result.dispose();
    return found;
  }

  /** Runs one segment: the mailbox holds the question before and the answer after. */
  pump(): VmFault | undefined {
    this.refuel();
    const { ffi } = this;
    const { ctx, pump, undefined: nothing } = this.pointers;
    try {
      const result = ffi.QTS_Call(ctx, pump, nothing, 0, 0 as never);
      // pump() writes its answer over the question whatever happens, unless it was stopped.
      const error = this.mailbox.answered() ? 0 : ffi.QTS_ResolveException(ctx, result);
      ffi.QTS_FreeValuePointer(ctx, result);
      if (error) return this.faultOf(rawOf(this.context).memory.heapValueHandle(error as never));
      return undefined;
    } catch (error) {
      return this.broken(error);
    }
  }

  /** Has its memory grown since the module had loaded? */
  get grown(): boolean {
    return this.machine.memory.buffer.byteLength > this.loadedBytes;
  }

  /** Makes the VM what it was when the module had loaded. No frame of the model may be left in it. */
  restore(): void {
    if (!this.loaded) return;
    this.machine.restore(this.loaded);
    this.mailbox.forget();
    this.lastSession = 0;
    this.loadedBytes = this.machine.memory.buffer.byteLength;
  }

  private refuel(): void {
    this.polls = 0;
    this.machine.refuel(NATIVE_FUEL);
  }

  private guard(run: () => VmFault | undefined): VmFault | undefined {
    this.refuel();
    try {
      return run();
    } catch (error) {
      return this.broken(error);
    }
  }

  /** What ran was ended from outside: nothing in the memory can be trusted any more. */
  private broken(error: unknown): VmFault {
    const spent = error instanceof OutOfFuel || this.machine.starved;
    this.dispose();
    if (spent) {
      return new VmFault('ran too long without a request: an endless loop?');
    }
    const what = error instanceof Error ? error.message : String(error);
    return new VmFault(`the sandbox failed: ${what}`);
  }

  private faultOf(handle: QuickJSHandle): VmFault {
    const text = (name: string) => {
      const property = this.context.getProp(handle, name);
      const value = this.context.dump(property) as unknown;
      property.dispose();
      return typeof value === 'string' ? value : '';
    };
    const error = { name: text('name'), message: text('message'), stack: text('stack') };
    handle.dispose();
    return faultOf(error, this.options.file.slice(0, this.options.file.indexOf('/') + 1));
  }

  dispose(): void {
    if (!this.alive) return;
    this.alive = false;
    this.sandbox.close(this.machine);
  }
}

/**
 * A module's text, with what freezes its top level once it has run. That goes by a name that the
 * module cannot have: it would have to hold its own digest.
 */
function kept({ source, bindings }: Pick<ModuleText, 'source' | 'bindings'>): string {
  const keep = `__keep_${createHash('sha256').update(source).digest('hex')}`;
  const names = bindings.map((binding) => binding.name).join(', ');
  return `${source}\n;import { keep as ${keep} } from '${GUARDS}'; ${keep}({ ${names} });`;
}

/** A JavaScript literal for plain values, bigint included. */
function literal(value: Value): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  if (Array.isArray(value)) return `[${value.map((item) => literal(item as Value)).join(',')}]`;
  const fields = Object.entries(value).map(
    ([name, item]) => `[${JSON.stringify(name)}]: ${literal(item as Value)}`,
  );
  return `{${fields.join(',')}}`;
}
