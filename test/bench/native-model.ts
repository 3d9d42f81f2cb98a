/** A model of a plugin that V8 runs itself, without a sandbox: what a benchmark compares with. */
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ERRNO } from '../../src/shared/plugins/errno.ts';
import type { Args, Value } from '../../src/shared/world/value.ts';
import {
  RegisterFault,
  type DeviceFacts,
  type DeviceHost,
  type HardwareModel,
  type ModelInstance,
  type PluginSession,
  type ServiceNames,
  type SessionEvent,
  type SessionInput,
} from '../../src/main/engine/kernel/device/model.ts';
import { errnoOf, errnoValue } from '../../src/main/plugins/errno.ts';

type Body = (k: object, args: unknown) => Generator<unknown, unknown, unknown>;
/** What a plugin's main module exports, by model, table and name. */
export type Models = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, Body>>>>>
>;

class Request {
  readonly service: string;
  readonly args: Value;
  constructor(service: string, args: Value) {
    this.service = service;
    this.args = args;
  }
}

class Frame {
  readonly name: string;
  readonly source: string;
  readonly fn: Body;
  readonly args: Args;
  readonly basis: 'kernel' | 'model';
  constructor(
    name: string,
    source: string,
    fn: Body,
    args: Args = {},
    options?: { basis?: string },
  ) {
    this.name = name;
    this.source = source;
    this.fn = fn;
    this.args = args;
    this.basis = options?.basis === 'model' ? 'model' : 'kernel';
  }
}

function told<T>(answer: T | RegisterFault): T {
  if (answer instanceof RegisterFault) throw new TypeError(answer.message);
  return answer;
}

/** Reads a plugin's main module into this process; what it imports of the API's library as well. */
export async function exportsOf(file: string, root: string): Promise<Models> {
  registerHooks({
    resolve: (specifier, context, next) => {
      const name = /^pfnlab:(.+)$/.exec(specifier)?.[1];
      if (name === undefined) return next(specifier, context);
      const library = join(root, 'src', 'main', 'plugins', 'library', `${name}.js`);
      return { url: pathToFileURL(library).href, shortCircuit: true };
    },
  });
  const module = (await import(pathToFileURL(file).href)) as { readonly models: Models };
  return module.models;
}

/** The model with its functions taken from `models`, which a plugin's main module exports. */
export function nativeModel(model: HardwareModel, models: Models): HardwareModel {
  const open = (device: DeviceFacts, services: readonly ServiceNames[]): ModelInstance =>
    new NativeInstance(models[model.id] ?? {}, device, services);
  return { ...model, open };
}

class NativeInstance implements ModelInstance {
  private readonly tables: Models[string];
  private readonly device: DeviceFacts;
  private readonly services: readonly ServiceNames[];
  private kernel: { readonly host: DeviceHost; readonly k: object } | undefined;
  failure: { readonly errno: number; readonly check: string } | undefined;

  constructor(tables: Models[string], device: DeviceFacts, services: readonly ServiceNames[]) {
    this.tables = tables;
    this.device = device;
    this.services = services;
  }

  start(entry: string, kind: 'action' | 'callback', args: Args, host: DeviceHost): PluginSession {
    const body = this.tables[`${kind}s`]?.[entry];
    if (!body) throw new Error(`there is no ${kind} ${entry}`);
    if (this.kernel?.host !== host) this.kernel = { host, k: this.kernelOf(host) };
    return new NativeSession(this, this.kernel.k, body(this.kernel.k, args));
  }

  dispose(): void {
    this.kernel = undefined;
  }

  private kernelOf(host: DeviceHost): object {
    const services = this.services.map(({ name }) => [
      name,
      (args: Value = {}) => new Request(name, args),
    ]);
    return {
      ...{ E: ERRNO, device: this.device, arch: host.arch },
      read: (name: string, index = 0) => told(host.read(name, index)),
      write: (name: string, a: Value, b?: Value) => {
        told(b === undefined ? host.write(name, 0, a) : host.write(name, Number(a), b));
      },
      log: host.log,
      note: host.note,
      switch: host.switchValue,
      config: host.configValue,
      fail: (errno: number, check: string) => {
        this.failure = { errno: -Math.abs(errno), check };
        return -Math.abs(errno);
      },
      fn: (...given: ConstructorParameters<typeof Frame>) => new Frame(...given),
      ...Object.fromEntries(services),
    };
  }
}

class NativeSession implements PluginSession {
  private readonly instance: NativeInstance;
  private readonly k: object;
  private readonly stack: Generator<unknown, unknown, unknown>[];
  private out: unknown;

  constructor(instance: NativeInstance, k: object, top: Generator<unknown, unknown, unknown>) {
    this.instance = instance;
    this.k = k;
    this.stack = [top];
  }

  next(input: SessionInput): SessionEvent {
    const given =
      input.kind === 'result'
        ? input.value
        : input.kind === 'failed'
          ? errnoValue(input.errno)
          : this.out;
    const { value, done } = (this.stack.at(-1) as Generator<unknown, unknown, unknown>).next(given);
    if (done) {
      this.stack.pop();
      this.out = value;
      const kind = this.stack.length > 0 ? 'leave' : 'done';
      const errno = errnoOf(value);
      if (errno === undefined) return { kind, value: value as Value | undefined };
      return { kind, errno, check: this.instance.failure?.check ?? '' };
    }
    if (value instanceof Request)
      return { kind: 'request', service: value.service, args: value.args };
    if (!(value instanceof Frame)) throw new TypeError('yielded what is no request');
    this.stack.push(value.fn(this.k, value.args));
    this.out = undefined;
    const { name: fn, source, basis, args } = value;
    return { kind: 'enter', fn, source, basis, args };
  }

  drop(): void {
    this.stack.length = 0;
  }
}
