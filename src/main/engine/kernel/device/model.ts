import type { CallbackName } from '../../../../shared/plugins/callbacks.ts';
import type {
  ActionTarget,
  DeclaredRegister,
  RegionSpec,
} from '../../../../shared/plugins/model.ts';
import type { DeviceFacts } from '../../../../shared/plugins/surroundings.ts';
import type { Args, Value } from '../../../../shared/world/value.ts';
import type { KernelLogLevel } from '../../../../shared/plugins/log-levels.ts';

/** As a manifest declares it; `reset` is the value of an index nobody has written: no record. */
export type RegisterSpec = Readonly<Omit<DeclaredRegister, 'reset'>> & { readonly reset: Value };

/** What is wrong with one value of a configuration or of an action's arguments, or with its key. */
export interface ArgumentProblem {
  readonly path: string;
  readonly message: string;
  /** The key itself is wrong, whatever its value. */
  readonly key?: true;
}

/** Checked values, or one sentence for each thing wrong with them. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ArgumentProblem[] };

/** Something a lab's program can ask of a device. */
export interface ActionSpec {
  readonly id: string;
  readonly title: string;
  /** What it is done to: the device (`nvdimm0.unbind`), a part (`nvdimm0.ns0.unbind`), or both. */
  readonly on: ActionTarget;
  /** Checks the arguments a lab gives and fills in defaults; sizes and addresses become bigint. */
  readonly readArgs: (given: Args) => Checked<Args>;
  /** Arguments that are addresses. */
  readonly addresses: readonly string[];
}

/** A table the window shows for a device: one row for each entry of a register. */
export interface ViewSpec {
  readonly kind: 'table';
  readonly title: string;
  /** Register whose entries are the rows. */
  readonly rows: string;
  readonly fields: readonly {
    readonly id: string;
    readonly title: string;
    readonly format: string;
  }[];
}

/** Which plugin a model came from; `sha256` is of its manifest and its module. */
export interface ModelOrigin {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
}

export type { DeviceFacts };

/** A service as a model calls it: its name, and those of its arguments in order. */
export type ServiceNames = {
  readonly name: string;
  readonly args: readonly string[];
};

/** A hardware model: what a plugin declares, and how a device of it comes to life for one run. */
export interface HardwareModel {
  readonly id: string;
  readonly origin: ModelOrigin;
  readonly title: string;
  readonly regions: readonly RegionSpec[];
  readonly registers: readonly RegisterSpec[];
  readonly actions: readonly ActionSpec[];
  readonly callbacks: readonly CallbackName[];
  readonly views: readonly ViewSpec[];
  readonly readConfig: (given: Args) => Checked<Args>;
  /** A device of this model for one run of one lab; `seed` is the lab's. */
  readonly open: (
    device: DeviceFacts,
    services: readonly ServiceNames[],
    seed: number,
  ) => ModelInstance;
}

/** What a running model reaches directly, without a step of its own. */
export interface DeviceHost {
  /** The value, or what is wrong with the access. */
  readonly read: (register: string, index: number) => Value | RegisterFault;
  /** Nothing, or what is wrong with the access. */
  readonly write: (register: string, index: number, value: Value) => RegisterFault | undefined;
  readonly log: (level: KernelLogLevel, text: string) => void;
  readonly note: (text: string) => void;
  /** The value of an era switch; `undefined` when there is none of that name. */
  readonly switchValue: (name: string) => Value | undefined;
  /** A Kconfig symbol without CONFIG_: 'y', 'm', 'n' or a number. 'n' for one that is not set. */
  readonly configValue: (name: string) => Value;
  /** Constants of the architecture, by their field names. */
  readonly arch: Args;
}

/** A register access that cannot be: a mistake of the model. */
export class RegisterFault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export interface ModelInstance {
  /** Begins an action or callback; nothing of it has run yet. */
  start(entry: string, kind: 'action' | 'callback', args: Args, host: DeviceHost): PluginSession;
  dispose(): void;
}

/** What a session is resumed with. */
export type SessionInput =
  | { readonly kind: 'start' }
  /** The result of the request before: a value, or the errno a driver would see as negative. */
  | { readonly kind: 'result'; readonly value: Value | undefined }
  | { readonly kind: 'failed'; readonly errno: string; readonly check: string }
  /** Go on inside the function just entered, or in its caller after it returned. */
  | { readonly kind: 'continue' };

/** What a session asks for or ends with. */
export type SessionEvent =
  | { readonly kind: 'request'; readonly service: string; readonly args: Value }
  | {
      readonly kind: 'enter';
      readonly fn: string;
      /** Source file of the kernel function; the step cites `source:fn`. */
      readonly source: string;
      readonly basis: 'kernel' | 'model';
      readonly args: Args;
    }
  | { readonly kind: 'leave' | 'done'; readonly value: Value | undefined }
  | { readonly kind: 'leave' | 'done'; readonly errno: string; readonly check: string }
  | { readonly kind: 'trap'; readonly message: string };

/** One action or callback in the middle of its work; a generator of the model behind it. */
export interface PluginSession {
  next(input: SessionInput): SessionEvent;
  /** Gives the session up. */
  drop(): void;
}
