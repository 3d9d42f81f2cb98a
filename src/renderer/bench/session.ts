import { defineStore } from 'pinia';
import { computed, ref, shallowRef, type ShallowRef } from 'vue';
import type { BenchApi, CommandName, InputOf, OutputOf } from '../../shared/bench/commands.ts';
import type { BenchState } from '../../shared/bench/state.ts';

let api: BenchApi | undefined;

/** Gives the stores their door to the bench; called once, before the app is mounted. */
export function connect(door: BenchApi): void {
  api = door;
}

/** The bench's state as last told, and the one way to act on it. */
export const useSession = defineStore('session', () => {
  const state: ShallowRef<BenchState | null> = shallowRef(null);
  const progress = ref(0);
  const failure = ref('');
  const session = computed(() => state.value?.session ?? null);
  const at = computed(() => session.value?.at ?? 0);
  /** First step of the operation the session stands in; 0 outside all. */
  const operationStart = computed(() => {
    const now = at.value;
    const operations = session.value?.operations ?? [];
    const around = operations.filter(
      ({ first, last }) => first > 0 && first <= now && (last === 0 || now <= last),
    );
    const mine = around.filter(({ actor }) => actor === session.value?.actor);
    return (mine.at(-1) ?? around.at(-1))?.first ?? 0;
  });

  function door(): BenchApi {
    if (!api) throw new Error('the window is not connected to the bench');
    return api;
  }

  /** Asks the bench; a refusal is thrown as an Error with the bench's sentence. */
  async function call<N extends CommandName>(name: N, input: InputOf<N>): Promise<OutputOf<N>> {
    return door().call(name, input);
  }

  /** Runs a command of the user's: a refusal is shown in the window instead of thrown. */
  async function act<N extends CommandName>(
    name: N,
    input: InputOf<N>,
  ): Promise<OutputOf<N> | undefined> {
    try {
      failure.value = '';
      return await call(name, input);
    } catch (error) {
      failure.value = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  async function start(): Promise<void> {
    door().listen((event) => {
      if (event.type === 'state') state.value = event.state;
      else progress.value = event.steps;
    });
    state.value = await call('state', {});
  }

  return { state, session, at, operationStart, progress, failure, call, act, start };
});
