import { defineStore } from 'pinia';
import { computed } from 'vue';
import type { BreakpointView } from '../../shared/bench/state.ts';
import { useSession } from './session.ts';

export type BreakpointKind = BreakpointView['kind'];

/** The session's breakpoints and what one does with them. */
export const useBreakpoints = defineStore('breakpoints', () => {
  const session = useSession();
  const list = computed(() => session.session?.breakpoints ?? []);
  const functions = computed(
    () =>
      new Map(list.value.filter(({ kind }) => kind === 'function').map((one) => [one.target, one])),
  );

  function atFunction(fn: string): 'on' | 'off' | 'none' {
    const found = functions.value.get(fn);
    if (!found) return 'none';
    return found.enabled ? 'on' : 'off';
  }

  async function toggleFunction(fn: string): Promise<void> {
    const found = functions.value.get(fn);
    if (found) await session.act('breakpointRemove', { id: found.id });
    else await session.act('breakpointAdd', { kind: 'function', target: fn });
  }

  async function add(kind: BreakpointKind, target: string): Promise<boolean> {
    return (await session.act('breakpointAdd', { kind, target })) !== undefined;
  }

  async function enable(id: number, enabled: boolean): Promise<void> {
    await session.act('breakpointSet', { id, enabled });
  }

  async function remove(id: number): Promise<void> {
    await session.act('breakpointRemove', { id });
  }

  return { list, atFunction, toggleFunction, add, enable, remove };
});
