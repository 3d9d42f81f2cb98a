import type { Kernel } from '../facts.ts';

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

/** Raises a variable that only grows (`max_pfn_mapped`, `highest_memmap_pfn`). */
export function raiseVariable(k: Kernel, name: string, value: number): void {
  if (numberVar(k, name) < value) setVar(k, name, value);
}

/** Counts up or down; a count that is back at 0 leaves no record. */
export function addVariable(k: Kernel, name: string, by: number): void {
  const value = numberVar(k, name) + by;
  if (value === 0) k.world.remove('vars', name);
  else setVar(k, name, value);
}

/** WARN_ONCE and pr_warn_once: the line appears once a boot; `site` names the statement. */
export function warnOnce(k: Kernel, site: string, text: string): void {
  const name = `__already_done:${site}`;
  if (k.world.get('vars', name)) return;
  setVar(k, name, true);
  k.printk('warn', text);
}
