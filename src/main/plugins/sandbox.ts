import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, type QuickJSWASMModule } from 'quickjs-emscripten-core';
import { withConstants } from './protocol.ts';

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

/**
 * WebAssembly instances of QuickJS. Virtual machines share one; an instance that failed below
 * JavaScript (which no model should be able to cause) is given up for a spare.
 */
export class Sandbox {
  private readonly spares: QuickJSWASMModule[];
  private current: QuickJSWASMModule;

  private constructor(current: QuickJSWASMModule, spares: QuickJSWASMModule[]) {
    this.current = current;
    this.spares = spares;
  }

  static async create(): Promise<Sandbox> {
    const make = () => newQuickJSWASMModuleFromVariant(variant);
    const [current, spare] = await Promise.all([make(), make()]);
    return new Sandbox(current, [spare]);
  }

  get quickjs(): QuickJSWASMModule {
    return this.current;
  }

  /** Gives an instance up. Another takes its place now, and a new spare is made meanwhile. */
  discard(broken: QuickJSWASMModule): void {
    if (this.current !== broken) return;
    const spare = this.spares.pop();
    if (!spare) return;
    this.current = spare;
    newQuickJSWASMModuleFromVariant(variant).then(
      (made) => this.spares.push(made),
      () => undefined,
    );
  }
}
