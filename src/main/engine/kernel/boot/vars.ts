import type { Kernel } from '../../core/facts.ts';

/** Sets a kernel variable. */
export function setVar(k: Kernel, name: string, value: number | bigint | string | boolean): void {
  k.world.put('vars', { name, value });
}

/** A kernel variable that is a number; 0 where nothing set it. */
export function numberVar(k: Pick<Kernel, 'world'>, name: string): number {
  return Number(k.world.get('vars', name)?.value ?? 0);
}

/** A kernel variable that is a flag. */
export function flagVar(k: Kernel, name: string): boolean {
  return k.world.get('vars', name)?.value === true;
}
