import type {
  DeviceFacts,
  DeviceHost,
  ModelInstance,
  PluginSession,
  ServiceNames,
  SessionEvent,
  SessionInput,
} from '../engine/kernel/device/model.ts';
import { RegisterFault } from '../engine/kernel/device/model.ts';
import { nearest } from '../../shared/lab/suggest.ts';
import { LOG_LEVELS } from '../../shared/plugins/log-levels.ts';
import type { Args, Value } from '../../shared/world/value.ts';
import { errnoOf, errnoValue } from './errno.ts';
import { callAt, callsNotYielded } from './calls.ts';
import type { Mailbox } from './mailbox.ts';
import { ACCESS, EVENT, OP } from './protocol.ts';
import type { Sandbox } from './sandbox.ts';
import type { Binding } from './source-scan.ts';
import type { ModuleText } from './modules.ts';
import { Machines } from './machines.ts';
import { VmFault } from './vm-fault.ts';
import { PluginVm } from './vm.ts';

/** Requests and frames of one action or callback. */
const MAX_SEGMENTS = 1_000_000;

/** Lines of log and notes of one segment. */
const MAX_LINES = 1000;

/** The checked module of a plugin. */
export interface PluginModule {
  /** Name in messages: the plugin's folder and the module in it. */
  readonly file: string;
  readonly source: string;
  readonly bindings: readonly Binding[];
  /** The modules of its folder it imports, by name as in messages. */
  readonly imported: ReadonlyMap<string, ModuleText>;
}

/** What a virtual machine is made from, for one model and one device. */
export interface InstanceOptions {
  readonly sandbox: Sandbox;
  readonly module: PluginModule;
  readonly model: string;
  readonly device: DeviceFacts;
  readonly services: readonly ServiceNames[];
  readonly seed: number;
}

/** The running code of one device. A VM is made when the first action or callback begins. */
export class VmInstance implements ModelInstance {
  private readonly options: InstanceOptions;
  private machines: Machines | undefined;
  private sessions = 0;
  private over = false;
  private lines = 0;
  /** The session that runs right now: direct accesses are its. */
  private running: DeviceHost | undefined;

  constructor(options: InstanceOptions) {
    this.options = options;
  }

  start(entry: string, kind: 'action' | 'callback', args: Args, host: DeviceHost): PluginSession {
    this.sessions += 1;
    return new VmSession(this, { id: this.sessions, entry, kind, args, host });
  }

  dispose(): void {
    this.over = true;
    this.machines?.dispose();
  }

  /** Was the model started afresh? Calls of before cannot go on. */
  get ended(): boolean {
    return this.over;
  }

  /** A VM for a call that begins, with the model loaded. */
  take(host: DeviceHost): PluginVm | VmFault {
    this.machines ??= new Machines(
      () => this.made(host),
      this.options.sandbox.shares(this.options.module),
    );
    return this.machines.take();
  }

  /** The call is over. */
  give(vm: PluginVm): void {
    this.machines?.give(vm);
  }

  private made(host: DeviceHost): PluginVm | VmFault {
    const { sandbox, module, model, device, services, seed } = this.options;
    const { range, ...facts } = device;
    const vm = new PluginVm(
      sandbox,
      { access: (mailbox) => this.access(mailbox) },
      {
        ...module,
        model,
        seed: seed + device.index,
        services,
        facts: { ...facts, range: range ? { start: range.start, size: range.size } : null },
        arch: host.arch,
      },
    );
    const fault = vm.load();
    if (fault) {
      vm.dispose();
      return fault;
    }
    return vm;
  }

  /** Name of the model's main module in messages. */
  get file(): string {
    return this.options.module.file;
  }

  run(vm: PluginVm, session: number, host: DeviceHost): VmFault | undefined {
    vm.lastSession = session;
    const before = this.running;
    this.running = host;
    this.lines = 0;
    const fault = vm.pump();
    this.running = before;
    return fault;
  }

  service(id: number): ServiceNames {
    return this.options.services[id] ?? { name: `service ${id}`, args: [] };
  }

  /** A request of a service was made and not yielded: where the text says so, if in one place. */
  unasked(service: string): VmFault {
    const { module } = this.options;
    const places = textsOf(module).flatMap(([file, source]) =>
      callsNotYielded(source, service).map((call) => ({ ...call, file })),
    );
    const [first] = places;
    const message = `k.${service}() was called and not yielded: write yield k.${service}({ ... })`;
    return new VmFault(message, first?.line, first?.column, first?.file);
  }

  /** What a model threw, in words that name what it called where that is no function. */
  explained(told: string): string {
    const place = /^TypeError: not a function( \(at .*? \((.+):(\d+):(\d+)\)\))$/.exec(told);
    const [, where = '', file = '', line, column] = place ?? [];
    const source = textsOf(this.options.module).find(([name]) => name === file)?.[1];
    const call = source === undefined ? undefined : callAt(source, Number(line), Number(column));
    if (!call) return told;
    const { object, name } = call;
    if (object !== 'k') return `TypeError: ${object}.${name} is not a function${where}`;
    const known = this.options.services.map((service) => service.name);
    const meant = nearest(name, [...known, ...OWN_METHODS]);
    const hint = meant === undefined ? '' : `; did you mean k.${meant}?`;
    return `TypeError: k.${name} is not a service${hint}${where}`;
  }

  /** A direct access of the running session: the question is replaced by the answer. */
  private access(mailbox: Mailbox): void {
    const op = mailbox.number();
    const name = mailbox.text();
    const index = mailbox.number();
    const value = mailbox.value();
    mailbox.finish();
    const speaks = op === ACCESS.log || op === ACCESS.note;
    if (speaks) this.lines += 1;
    const answer =
      speaks && this.lines > MAX_LINES
        ? new RegisterFault(`more than ${MAX_LINES} lines of log and notes between two requests`)
        : this.running && answerTo(this.running, op, name, index, value);
    mailbox.begin();
    mailbox.putNumber(answer instanceof RegisterFault ? 1 : 0);
    mailbox.put(answer instanceof RegisterFault ? answer.message : answer);
  }
}

/** What a model gets besides services. */
const OWN_METHODS = ['read', 'write', 'log', 'note', 'switch', 'config', 'fail', 'fn'];

/** A plugin's modules by their names in messages. */
function textsOf({ file, source, imported }: PluginModule): (readonly [string, string])[] {
  return [[file, source], ...[...imported].map(([name, text]) => [name, text.source] as const)];
}

function answerTo(
  host: DeviceHost,
  op: number,
  name: string,
  index: number,
  value: Value | undefined,
): Value | RegisterFault | undefined {
  switch (op) {
    case ACCESS.read:
      return host.read(name, index);
    case ACCESS.write:
      if (value === undefined)
        return new RegisterFault(`register ${name} takes a value, not undefined`);
      return host.write(name, index, value);
    case ACCESS.log: {
      const level = LOG_LEVELS.find((known) => known === name);
      if (level === undefined)
        return new RegisterFault(`${name} is no log level; there are ${LOG_LEVELS.join(', ')}`);
      host.log(level, String(value));
      return undefined;
    }
    case ACCESS.note:
      host.note(String(value));
      return undefined;
    case ACCESS.config:
      return host.configValue(name);
    default: {
      const found = host.switchValue(name);
      return found ?? new RegisterFault(`there is no era switch ${name}`);
    }
  }
}

interface SessionOptions {
  readonly id: number;
  readonly entry: string;
  readonly kind: 'action' | 'callback';
  readonly args: Args;
  readonly host: DeviceHost;
}

class VmSession implements PluginSession {
  private readonly instance: VmInstance;
  private readonly options: SessionOptions;
  private vm: PluginVm | undefined;
  /** The last failure a request came back with: returning its errno keeps its check. */
  private failure: { errno: string; check: string } | undefined;
  private ended: string | undefined;
  private segments = 0;

  constructor(instance: VmInstance, options: SessionOptions) {
    this.instance = instance;
    this.options = options;
  }

  next(input: SessionInput): SessionEvent {
    if (this.ended !== undefined) return { kind: 'trap', message: this.ended };
    const { host } = this.options;
    if (this.instance.ended) {
      return this.trap(new VmFault('the model was started afresh after a fault in another call'));
    }
    const vm = this.vm ?? this.instance.take(host);
    if (vm instanceof VmFault) return this.trap(vm);
    this.vm = vm;
    this.segments += 1;
    if (this.segments > MAX_SEGMENTS) {
      return this.trap(new VmFault(`made ${MAX_SEGMENTS} requests in one call: an endless loop?`));
    }
    const { id } = this.options;
    const again =
      input.kind === 'result' && typeof input.value === 'number' && vm.lastSession === id;
    try {
      if (again) vm.mailbox.putResume(input.value as number);
      else this.ask(vm.mailbox, input);
    } catch (error) {
      return this.trap(new VmFault(error instanceof Error ? error.message : String(error)));
    }
    const fault = this.instance.run(vm, id, host);
    if (fault) return this.trap(fault, true);
    vm.mailbox.rewind();
    const event = this.answer(vm.mailbox);
    vm.mailbox.finish();
    if (event.kind === 'done') this.end('the call is over');
    return event;
  }

  drop(): void {
    if (this.ended === undefined) this.end('the call is over');
  }

  private end(why: string): void {
    this.ended = why;
    if (this.vm) this.instance.give(this.vm);
    this.vm = undefined;
  }

  /** `here`: it is a fault of this call, whose name is told where QuickJS told no place. */
  private trap({ message, line, column, file }: VmFault, here = false): SessionEvent {
    const name = file ?? this.instance.file;
    const at = column === undefined ? `${name}:${line}` : `${name}:${line}:${column}`;
    const place = line === undefined ? (here ? `${this.options.entry} of ${name}` : '') : at;
    const told = place === '' ? message : `${message} (${place})`;
    this.end(told);
    return { kind: 'trap', message: told };
  }

  private ask(mailbox: Mailbox, input: SessionInput): void {
    const { id, entry, kind, args } = this.options;
    mailbox.begin();
    switch (input.kind) {
      case 'start':
        mailbox.putNumber(OP.start);
        mailbox.putNumber(id);
        mailbox.putEntry(kind === 'action' ? 'actions' : 'callbacks', entry);
        mailbox.put(args);
        return;
      case 'continue':
        mailbox.putNumber(OP.go);
        mailbox.putNumber(id);
        return;
      case 'result':
        mailbox.putNumber(OP.result);
        mailbox.putNumber(id);
        mailbox.put(input.value);
        return;
      case 'failed':
        this.failure = { errno: input.errno, check: input.check };
        mailbox.putNumber(OP.result);
        mailbox.putNumber(id);
        mailbox.put(errnoValue(input.errno));
        return;
    }
  }

  private answer(mailbox: Mailbox): SessionEvent {
    const event = mailbox.number();
    switch (event) {
      case EVENT.request: {
        const { name, args } = this.instance.service(mailbox.number());
        return { kind: 'request', service: name, args: mailbox.values(args) };
      }
      case EVENT.numbers: {
        const { name, args } = this.instance.service(mailbox.number());
        return { kind: 'request', service: name, args: mailbox.numbers(args) };
      }
      case EVENT.odd: {
        const { name } = this.instance.service(mailbox.number());
        return { kind: 'request', service: name, args: mailbox.value() ?? null };
      }
      case EVENT.enter: {
        const fn = mailbox.text();
        const source = mailbox.text();
        const basis = mailbox.number() === 1 ? 'model' : 'kernel';
        const args = mailbox.value();
        const isRecord = typeof args === 'object' && args !== null && !Array.isArray(args);
        return { kind: 'enter', fn, source, basis, args: isRecord ? (args as Args) : {} };
      }
      case EVENT.leave:
      case EVENT.done: {
        const kind = event === EVENT.leave ? 'leave' : 'done';
        const value = mailbox.value();
        const check = mailbox.number() === 1 ? mailbox.text() : undefined;
        const errno = errnoOf(value);
        if (errno === undefined) return { kind, value };
        return { kind, errno, check: check ?? this.checkOf(errno) };
      }
      case EVENT.unasked: {
        const { name } = this.instance.service(mailbox.number());
        return this.trap(this.instance.unasked(name));
      }
      default: {
        const told = this.instance.explained(mailbox.text());
        this.end(told);
        return { kind: 'trap', message: told };
      }
    }
  }

  private checkOf(errno: string): string {
    return this.failure?.errno === errno
      ? this.failure.check
      : `${this.options.entry} returned -${errno}`;
  }
}
