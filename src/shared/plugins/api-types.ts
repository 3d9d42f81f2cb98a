/** The plugin API as TypeScript declarations, for those who write plugins: all but its services. */
import { z } from 'zod';
import { CALLBACKS, type CallbackDeclaration } from './callbacks.ts';
import { API_VERSION } from './model.ts';
import { archConstants, deviceFacts } from './surroundings.ts';
import { kernelsOf, longComment, NOTE, TypeWriter } from './type-writer.ts';

/** Where the public types of services stand, as other declaration files name it. */
const SERVICES = './services/index.d.ts';

const HEAD = `/**
 * The public plugin API, version ${API_VERSION}: what a hardware model may use, and all it may use.
 *
 * A plugin is a folder with \`pfnlab-plugin.json\` and an ES module that exports \`models\`; it may
 * import other modules of the folder with static \`import { name } from './file.js'\`. Actions
 * and callbacks are generator functions; \`yield\` hands a request to the bench, which runs the
 * kernel function as steps of the calling task and resumes the model with the result:
 *
 *     const pages = yield k.devm_memremap_pages({ type: 'FS_DAX', ranges: [range] });
 *     if (typeof pages === 'number') return pages;           // a negative errno, as drivers see it
 *
 * Values that cross are plain: text, booleans, numbers (counts, PFNs, small integers), bigint
 * (addresses and sizes in bytes, at most 64 bits), and lists and records of them. Nothing else
 * lasts: a model keeps its state in registers, which belong to the world and are undone with it.
 */
`;

const VALUES = `/** A plain value, as it crosses between model and bench. */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly Value[]
  | { readonly [name: string]: Value };

/** Something to yield. \`R\` is what \`yield\` gives back: the result, or a negative errno. */
export interface Request<R> {
  readonly result?: R;
}

/** A negative errno: \`-k.E.EINVAL\`. */
export type Errno = number;

/**
 * Code of an action, a callback or a kernel function: it yields requests and returns a value.
 * What \`yield\` gives is that request's result; TypeScript cannot follow it, so it is \`any\`.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Steps<R = Value | void> = Generator<Request<unknown>, R, any>;
`;

/** What every action, callback and kernel function of a model gets; \`arch\` is a type. */
const kernel = (arch: string) => `
/** What every action, callback and kernel function of a model gets. */
export interface Kernel extends Services {
  /** Kernel errors by name, positive as in the kernel: \`return -k.E.EINVAL\`. */
  readonly E: { readonly [name in ErrnoName]: number };
  readonly device: Device;
  /** Constants of the architecture, by the kernel's names in lower case. */
  readonly arch: ${arch};
  /**
   * Enters a kernel function of the model's own as a step: its name and the file it stands in.
   * \`fn\` is a generator function; \`yield k.fn(...)\` gives what it returns. \`args\` are shown.
   * \`basis: 'model'\` marks what no kernel does in this way.
   */
  fn<A extends { readonly [name: string]: Value }, R>(
    name: string,
    source: string,
    fn: (k: Kernel, args: A) => Steps<R>,
    args?: A,
    options?: { readonly basis: 'kernel' | 'model' },
  ): Request<R>;
  /** A register of this device; \`index\` is 0 for a single one. */
  read(register: string, index?: number): Value;
  write(register: string, value: Value): void;
  write(register: string, index: number, value: Value): void;
  /** printk: one line of the kernel log. */
  log(level: LogLevel, text: string): void;
  /** A remark on the current step. */
  note(text: string): void;
  /** The value of an era switch: behaviour that changed between kernels. */
  switch(name: string): string | number | boolean;
  /** A Kconfig symbol, without CONFIG_: 'y', 'm', 'n', or its number. */
  config(name: string): string | number;
  /** \`-errno\`, with the condition that raised it: what the step shows. */
  fail(errno: number, check: string): Errno;
}
`;

const MODELS = `
/** One model: its actions and callbacks under the names the manifest gives them. */
export interface Model {
  readonly actions?: { readonly [id: string]: (k: Kernel, args: never) => Steps };
  readonly callbacks?: Callbacks;
}

/** What a plugin's module exports as \`models\`. */
export type Models = { readonly [id: string]: Model };
`;

function explained({ title, description, was, since, until, returns }: CallbackDeclaration) {
  const gives = z.globalRegistry.get(returns)?.description;
  return longComment([
    `${title}. ${description}`,
    ...[kernelsOf(since, until)].filter((text) => text !== ''),
    ...(was === undefined ? [] : [`Older kernels call it ${was}; here it has the one name.`]),
    ...(gives === undefined ? [] : [`@returns ${gives}`]),
  ]);
}

function callbacksText(writer: TypeWriter): string {
  const all: readonly [string, CallbackDeclaration][] = Object.entries(CALLBACKS);
  const lines = all.map(([name, declared]) => {
    const { args, returns } = declared;
    const gives = returns instanceof z.ZodVoid ? '' : `<${writer.type(returns)} | Errno>`;
    const type = `(k: Kernel, args: ${writer.type(args)}) => Steps${gives}`;
    return `${explained(declared)}readonly ${name}?: ${type};`;
  });
  return `
/**
 * What the kernel calls of a driver. A manifest lists those a model has under these names; those of a
 * pagemap's \`ops\` stand there too, under the kernel's own.
 */
export interface Callbacks {
${lines.join('\n')}
}
`;
}

/** The text of \`plugins/api.d.ts\`, before it is formatted. */
export function apiTypes(): string {
  const own = new TypeWriter();
  const services = new TypeWriter();
  own.type(deviceFacts);
  const declared = [...own.named].map(([id, schema]) => own.exported(id, schema));
  const callbacks = callbacksText(services);
  const named = ['ErrnoName', 'LogLevel', 'Services', ...services.named.keys()].sort();
  return [
    `${NOTE}${HEAD}`,
    `import type { ${named.join(', ')} } from '${SERVICES}';`,
    `export type * from '${SERVICES}';\n`,
    VALUES,
    ...declared,
    kernel(services.type(archConstants)),
    callbacks,
    MODELS,
  ].join('\n');
}
