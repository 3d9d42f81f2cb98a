import { describe, expect, it } from 'vitest';
import { MOST_FUEL, QuickJs, quickJsCode } from '../../../src/main/plugins/wasm/quickjs.ts';

const code = quickJsCode();

/** A QuickJS with a context, and what an expression gives in it, as text. */
function opened() {
  const machine = new QuickJs(code);
  const context = machine.quickjs.newRuntime().newContext();
  const textOf = (expression: string) => {
    const result = context.unwrapResult(context.evalCode(`String(${expression})`));
    return context.getString(result);
  };
  return { machine, textOf };
}

describe('QuickJs', () => {
  it('is restored to what its memory was, after whatever ran', () => {
    const { machine, textOf } = opened();
    textOf('globalThis.n = 1');
    const image = machine.image();
    expect(textOf('globalThis.n += 1')).toBe('2');
    machine.refuel(1000);
    expect(() => textOf('"x".repeat(1e6).includes("y")')).toThrow(WebAssembly.RuntimeError);
    expect(machine.starved).toBe(true);
    machine.restore(image);
    machine.refuel(MOST_FUEL);
    expect(textOf('globalThis.n += 1')).toBe('2');
  });

  it('keeps nothing of what ran in it when it is renewed', () => {
    const { machine, textOf } = opened();
    const marker = 'a text that stands nowhere else';
    textOf(`globalThis.kept = ${JSON.stringify(marker)}.repeat(1000)`);
    const holds = () => Buffer.from(machine.memory.buffer).includes(marker);
    expect(holds()).toBe(true);
    machine.renew();
    expect(holds()).toBe(false);
    const context = machine.quickjs.newRuntime().newContext();
    expect(context.getString(context.unwrapResult(context.evalCode('typeof kept')))).toBe(
      'undefined',
    );
  });

  it('has a memory of its own', () => {
    const [a, b] = [opened(), opened()];
    a.textOf('globalThis.n = 1');
    expect(b.textOf('typeof n')).toBe('undefined');
  });

  it('does not grow beyond 32 MiB', () => {
    const { machine, textOf } = opened();
    const body = 'const all = []; for (;;) all.push(new Uint8Array(1e6));';
    const filled = `(() => { try { ${body} } catch (e) { return 'full'; } })()`;
    expect(textOf(filled)).toBe('full');
    expect(machine.memory.buffer.byteLength).toBeLessThanOrEqual(32 * 1024 * 1024);
  });
});
