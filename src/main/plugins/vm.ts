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

/** Heap of one model's VM, in bytes. */
const HEAP_LIMIT = 16 * 1024 * 1024;
/**
 * C stack of one model's VM, in bytes: some 250 JavaScript calls deep. Native recursion (JSON, sort)
 * takes far more of the host's stack than of this one, and must meet this limit first: the host's
 * differs from machine to machine.
 */
const STACK_LIMIT = 48 * 1024;
/**
 * Fuel of one segment (from resuming a model to its next request): interrupt polls. QuickJS polls
 * once in 10,000 backward jumps and calls, so a loop stops at the same iteration everywhere.
 */
const FUEL_POLLS = 200;

/** What a model cannot get: these run no code of it, or give it a clock, or a way around. */
const INTRINSICS = {
  BaseObjects: true,
  Eval: true,
  JSON: true,
  MapSet: true,
  TypedArrays: true,
  Promise: true,
} as const;

/** The model failed: one sentence, with its place and module where QuickJS told them. */
export class VmFault {
  readonly message: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly file: string | undefined;

  constructor(message: string, line?: number, column?: number, file?: string) {
    this.message = message;
    this.file = file;
    this.line = line;
    this.column = column;
  }
}

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
  readonly memory: { heapValueHandle(pointer: never): QuickJSHandle };
}

/** What the binding keeps to itself: without it, every call would copy its arguments. */
function rawOf(context: object): RawContext {
  if (!isRaw(context)) throw new Error('quickjs-emscripten is not the version this is made for');
  return context;
}

function isRaw(context: object): context is RawContext {
  return 'ctx' in context && 'memory' in context;
}

/** malloc() of a QuickJS instance. */
function allocatorOf(quickjs: object): (bytes: number) => number {
  const module: unknown = 'module' in quickjs ? quickjs.module : undefined;
  const found =
    typeof module === 'object' && module !== null && '_malloc' in module && module._malloc;
  if (typeof found !== 'function') throw new Error('quickjs-emscripten has no _malloc');
  return (bytes) => Number(found(bytes));
}

/** One QuickJS context with a model's module loaded, and the mailbox to talk to it. */
export class PluginVm {
  readonly mailbox: Mailbox;
  private readonly sandbox: Sandbox;
  private readonly quickjs: QuickJSWASMModule;
  private readonly runtime: QuickJSRuntime;
  private readonly context: QuickJSContext;
  private readonly host: VmHost;
  private readonly options: VmOptions;
  private readonly kept: QuickJSHandle[] = [];
  private readonly address: number;
  private readonly pointers: { ctx: never; pump: never; undefined: never };
  private readonly functions: { adopt: QuickJSHandle; offers: QuickJSHandle };
  private readonly ffi: ReturnType<QuickJSWASMModule['getFFI']>;
  private polls = 0;
  private starved = false;
  private alive = true;

  constructor(sandbox: Sandbox, host: VmHost, options: VmOptions) {
    this.sandbox = sandbox;
    this.quickjs = sandbox.quickjs;
    this.host = host;
    this.options = options;
    this.runtime = this.quickjs.newRuntime();
    this.runtime.setMaxStackSize(STACK_LIMIT);
    this.runtime.setMemoryLimit(HEAP_LIMIT);
    this.runtime.setModuleLoader(
      (name) => this.moduleSource(name),
      (from, specifier) => this.moduleName(from, specifier),
    );
    this.context = this.runtime.newContext({ intrinsics: INTRINSICS });
    const { context } = this;
    const raw = rawOf(context);
    const ffi = this.quickjs.getFFI();
    this.ffi = ffi;
    // The buffer must stay where it is, so it is allocated here and QuickJS only points to it.
    this.address = allocatorOf(this.quickjs)(LIMIT.mailboxSlots * 8);
    const buffer = raw.memory.heapValueHandle(
      ffi.QTS_NewArrayBuffer(raw.ctx.value, this.address as never, LIMIT.mailboxSlots * 8) as never,
    );
    const learners = new Map<keyof TextSink, QuickJSHandle>();
    const tell = (name: keyof TextSink) => (text: string) => {
      const to = learners.get(name);
      const argument = context.newString(text);
      if (to) context.callFunction(to, context.undefined, argument).dispose();
      argument.dispose();
    };
    this.mailbox = new Mailbox(this.quickjs.getWasmMemory(), this.address, {
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
    this.kept.push(...learners.values(), pump, this.functions.adopt, this.functions.offers);
    for (const handle of [outside, given, module, prelude, inside, buffer]) handle.dispose();
    this.pointers = {
      ctx: raw.ctx.value,
      pump: pump.value as never,
      undefined: context.undefined.value as never,
    };
    this.runtime.setInterruptHandler(() => {
      this.polls += 1;
      if (this.polls > FUEL_POLLS) this.starved = true;
      return this.starved;
    });
  }

  private hostObject(): QuickJSHandle {
    const { context } = this;
    const object = context.newObject();
    const text = context.newFunction('text', (what, keep) =>
      context.newNumber(this.mailbox.hear(context.getString(what), context.dump(keep) === true)),
    );
    const access = context.newFunction('access', () => {
      this.mailbox.rewind();
      this.host.access(this.mailbox);
      return context.undefined;
    });
    context.setProp(object, 'text', text);
    context.setProp(object, 'access', access);
    text.dispose();
    access.dispose();
    return object;
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
      return problem === '' ? undefined : new VmFault(problem);
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
    this.polls = 0;
    const { ffi } = this;
    const { ctx, pump, undefined: nothing } = this.pointers;
    try {
      const result = ffi.QTS_Call(ctx, pump, nothing, 0, 0 as never);
      // pump() writes its answer over the question whatever happens, unless it was stopped.
      const error = this.mailbox.answered() ? 0 : ffi.QTS_ResolveException(ctx, result);
      if (error) {
        ffi.QTS_FreeValuePointer(ctx, result);
        return this.faultOf(rawOf(this.context).memory.heapValueHandle(error as never));
      }
      ffi.QTS_FreeValuePointer(ctx, result);
      // Inside a built-in the stop can be caught: what the model made of it does not count.
      if (this.starved) return this.outOfFuel();
      return undefined;
    } catch (error) {
      return this.broken(error);
    }
  }

  private guard(run: () => VmFault | undefined): VmFault | undefined {
    this.polls = 0;
    try {
      return run();
    } catch (error) {
      return this.broken(error);
    }
  }

  /** The WebAssembly instance itself failed: nothing in it can be trusted any more. */
  private broken(error: unknown): VmFault {
    this.alive = false;
    this.sandbox.discard(this.quickjs);
    const what = error instanceof Error ? error.message : String(error);
    return new VmFault(`the sandbox failed: ${what}`);
  }

  private outOfFuel(): VmFault {
    this.starved = false;
    return new VmFault('ran too long without a request: an endless loop?');
  }

  private faultOf(handle: QuickJSHandle): VmFault {
    if (this.starved) {
      handle.dispose();
      return this.outOfFuel();
    }
    const text = (name: string) => {
      const property = this.context.getProp(handle, name);
      const value = this.context.dump(property) as unknown;
      property.dispose();
      return typeof value === 'string' ? value : '';
    };
    const [name, message, stack] = [text('name'), text('message'), text('stack')];
    handle.dispose();
    const folder = this.options.file.slice(0, this.options.file.indexOf('/'));
    const escaped = folder.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const place = new RegExp(`(${escaped}/[\\w./-]+):(\\d+)(?::(\\d+))?`).exec(stack);
    const said = message === '' ? 'failed' : message;
    return new VmFault(
      name === '' || name === 'SyntaxError' ? said : `${name}: ${said}`,
      place ? Number(place[2]) : undefined,
      place?.[3] === undefined ? undefined : Number(place[3]),
      place?.[1],
    );
  }

  dispose(): void {
    if (!this.alive) return;
    this.alive = false;
    try {
      for (const handle of this.kept) handle.dispose();
      this.context.dispose();
      this.runtime.dispose();
    } catch (error) {
      this.broken(error);
    }
  }
}

/** A module's text, with what freezes its top level once it has run. */
function kept({ source, bindings }: Pick<ModuleText, 'source' | 'bindings'>): string {
  return `${source}\n;__keep({ ${bindings.map((binding) => binding.name).join(', ')} });`;
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
