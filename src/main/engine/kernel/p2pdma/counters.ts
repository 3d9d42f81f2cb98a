import type { Kernel } from '../../core/facts.ts';

/** Registers that count what crosses the link above a device, and the host bridge. Bytes. */
export const UP = 'bytes_up';
export const DOWN = 'bytes_down';
export const MEMORY = 'bytes_memory';
export const PEER = 'bytes_peer';

/** Adds to a counter register of a bench device. */
export function count(k: Kernel, device: string, name: string, bytes: bigint): void {
  const key = `${device}/${name}`;
  const before = k.world.get('registers', key)?.value;
  const value = BigInt.asUintN(64, (typeof before === 'bigint' ? before : 0n) + bytes);
  k.world.put('registers', { key, device, name, index: 0, value });
}

/** Puts counters at 0, so that a link nothing ever crossed shows as such. */
export function resetCounters(k: Kernel, device: string, names: readonly string[]): void {
  for (const name of names) if (device !== '') count(k, device, name, 0n);
}
