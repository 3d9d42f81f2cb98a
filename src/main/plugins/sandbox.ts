import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, type QuickJSWASMModule } from 'quickjs-emscripten-core';

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
