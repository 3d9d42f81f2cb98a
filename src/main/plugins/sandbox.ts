import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PluginModule } from './instance.ts';
import { withConstants } from './protocol.ts';
import { doubtIn } from './stateless.ts';
import { watchOfThread, type PluginWatch } from './watch.ts';
import { QuickJs, quickJsCode, type QuickJsCode } from './wasm/quickjs.ts';

const FOLDER = join(import.meta.dirname, 'sandbox');
const PREFIX = 'pfnlab:';

/** Modules that run in every VM before the model's, by name as in messages: `pfnlab:prelude.js`. */
export const SANDBOX_MODULES: ReadonlyMap<string, string> = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.js'))
    .map((name) => [PREFIX + name, withConstants(readFileSync(join(FOLDER, name), 'utf8'))]),
);

/** The module that one of them means by `./name.js`. */
export function sandboxModule(specifier: string): string {
  return PREFIX + specifier.replace(/^\.\//, '');
}

export interface SandboxOptions {
  /** Every call gets a machine in which no other ran, whatever its model's code is like. */
  readonly fresh?: boolean;
}

/** Memories that are kept for the next virtual machine: a process may not have many of them. */
const KEPT = 16;

/** Where virtual machines are made: each has a QuickJS with a memory of its own. */
export class Sandbox {
  /** Told whose code runs. */
  readonly watch: PluginWatch;
  private readonly code: QuickJsCode;
  private readonly free: QuickJs[] = [];
  private readonly fresh: boolean;
  private readonly shared = new WeakMap<PluginModule, boolean>();

  private constructor(code: QuickJsCode, fresh: boolean, watch: PluginWatch) {
    this.code = code;
    this.fresh = fresh;
    this.watch = watch;
  }

  static async create({ fresh = false }: SandboxOptions = {}): Promise<Sandbox> {
    return Promise.resolve(new Sandbox(quickJsCode(), fresh, watchOfThread()));
  }

  /** May calls of a model share a virtual machine: can none leave anything in it for another? */
  shares(module: PluginModule): boolean {
    let shared = this.shared.get(module);
    if (shared === undefined) {
      shared = !this.fresh && [module, ...module.imported.values()].every((one) => !doubtIn(one));
      this.shared.set(module, shared);
    }
    return shared;
  }

  /** A QuickJS in which nothing has run. */
  open(): QuickJs {
    return this.free.pop() ?? new QuickJs(this.code);
  }

  /** Takes one back, whatever state it is in. */
  close(quickjs: QuickJs): void {
    if (this.free.length >= KEPT) return;
    quickjs.renew();
    this.free.push(quickjs);
  }
}
