import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
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

/**
 * An inspection that follows the session: asks again whenever the step, the recording's length
 * or the input changes, keeps the last answer meanwhile, and drops answers that come too late.
 */
export function useInspection<N extends CommandName>(
  name: N,
  input: () => InputOf<N> | null,
): { data: ShallowRef<OutputOf<N> | null>; error: Ref<string>; loading: Ref<boolean> } {
  const store = useSession();
  const data: ShallowRef<OutputOf<N> | null> = shallowRef(null);
  const error = ref('');
  const loading = ref(false);
  let latest = 0;
  watch(
    () => [
      store.session?.id,
      store.session?.at,
      store.session?.length,
      store.session?.head?.moves,
      JSON.stringify(input()),
    ],
    async () => {
      const asked = input();
      latest += 1;
      const mine = latest;
      if (!store.session || asked === null) {
        data.value = null;
        return;
      }
      loading.value = true;
      try {
        const answer = await store.call(name, asked);
        if (mine === latest) {
          data.value = answer;
          error.value = '';
        }
      } catch (problem) {
        if (mine === latest)
          error.value = problem instanceof Error ? problem.message : String(problem);
      } finally {
        if (mine === latest) loading.value = false;
      }
    },
    { immediate: true },
  );
  return { data, error, loading };
}
