import { defineStore } from 'pinia';
import { computed, ref, shallowReactive, shallowRef, watch, type ComputedRef } from 'vue';
import type { CommandName, InputOf, OutputOf } from '../../shared/bench/commands.ts';
import { useSession } from './session.ts';

/** Steps whose answers are kept, so that going back and forth over them asks nothing. */
const KEPT_STEPS = 8;
/** Answers of one view kept for a step: panning the map asks for many ranges. */
const KEPT_INPUTS = 16;

/** What the bench shows for one view and input at one step: one object for all who ask. */
export interface Answer<N extends CommandName> {
  readonly value: OutputOf<N> | undefined;
  /** Why there is no value; "" while it is awaited and once it is there. */
  readonly error: string;
  readonly pending: boolean;
  /** Settles with the answer, also when the session has moved on meanwhile. */
  readonly promise: Promise<OutputOf<N>>;
}

type Answers = { [N in CommandName]?: Map<string, Answer<N>> };

/**
 * The answers to what panes ask about the step the session stands at. A question asked twice costs
 * one request. An answer belongs to the step it was asked at: one that comes after the session has
 * moved is of an unknown step and is not kept.
 */
export const useInspections = defineStore('inspections', () => {
  const session = useSession();
  /** Counts arrivals at a step: whoever asks asks again when it changes. */
  const visit = ref(0);
  const steps = new Map<string, Answers>();
  /** How to forget what is awaited, or failed, at this visit. */
  const unsettled = new Set<() => void>();
  let failed = false;
  let recording = '';
  let step = '';

  function follow(): void {
    const now = session.session;
    // What is known of a step (who wrote a value later, say) is known of this much of a recording.
    const recordingNow = now
      ? JSON.stringify([now.id, now.file, now.title, now.length, now.head?.moves])
      : '';
    const stepNow = now ? `${now.at} ${now.hash}` : '';
    if (recordingNow === recording && stepNow === step && !failed) return;
    if (recordingNow !== recording) steps.clear();
    for (const forget of unsettled) forget();
    unsettled.clear();
    failed = false;
    recording = recordingNow;
    step = stepNow;
    visit.value += 1;
  }
  // At once: of two moves in one tick, the first one makes what is awaited worthless too.
  watch(() => session.state, follow, { flush: 'sync', immediate: true });

  function ask<N extends CommandName>(name: N, input: InputOf<N>): Answer<N> {
    const here = keep<Answers>(steps, step, KEPT_STEPS, () => ({}));
    const answers: Map<string, Answer<N>> = (here[name] ??= new Map());
    return keep(answers, JSON.stringify(input), KEPT_INPUTS, (key) => {
      const asked = visit.value;
      const promise = session.call(name, input);
      const answer = shallowReactive({
        value: undefined as OutputOf<N> | undefined,
        error: '',
        pending: true,
        promise,
      });
      const forget = (): void => void answers.delete(key);
      const settle = (change: { value: OutputOf<N> } | { error: string }): void => {
        if (asked === visit.value) Object.assign(answer, change, { pending: false });
      };
      unsettled.add(forget);
      promise.then(
        (value) => {
          unsettled.delete(forget);
          settle({ value });
        },
        (problem: unknown) => {
          // Asked again when the bench tells its state next: a lost connection comes back.
          failed ||= asked === visit.value;
          settle({ error: problem instanceof Error ? problem.message : String(problem) });
        },
      );
      return answer;
    });
  }

  return { visit, ask };
});

/** The value of a key, made if need be; the map keeps the `most` used last. */
function keep<V>(map: Map<string, V>, key: string, most: number, make: (key: string) => V): V {
  const value = map.get(key) ?? make(key);
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
  return value;
}

/**
 * A view that follows the session: asked again whenever the session has moved, the recording has
 * grown or the input has changed. The last value stays until the next one is there; an input of
 * null asks nothing and shows nothing.
 */
export function useInspection<N extends CommandName>(
  name: N,
  input: () => InputOf<N> | null,
): {
  data: ComputedRef<OutputOf<N> | null>;
  error: ComputedRef<string>;
  loading: ComputedRef<boolean>;
} {
  const session = useSession();
  const inspections = useInspections();
  const answer = shallowRef<Answer<N> | null>(null);
  watch(
    () => `${inspections.visit} ${JSON.stringify(input())}`,
    () => {
      const asked = session.session ? input() : null;
      answer.value = asked === null ? null : inspections.ask(name, asked);
    },
    { immediate: true },
  );
  return {
    data: computed<OutputOf<N> | null>((last) =>
      answer.value ? (answer.value.value ?? last ?? null) : null,
    ),
    error: computed(() => answer.value?.error ?? ''),
    loading: computed(() => answer.value?.pending ?? false),
  };
}
