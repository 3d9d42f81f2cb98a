import { defineStore } from 'pinia';
import { computed, reactive, ref, watch } from 'vue';
import { keep, readKept } from './kept.ts';

/** Sizes in CSS pixels that a user may drag; `null` leaves the size to the style sheet. */
export interface Sizes {
  side: number | null;
  inspector: number | null;
  bottom: number | null;
  timeline: number | null;
  map: number | null;
  spaces: number | null;
  machine: number;
  /** Share of the bottom's width its left half has, in per cent. */
  texts: number;
}

export const PANES = [
  'machine',
  'program',
  'actors',
  'breakpoints',
  'watch',
  'timeline',
  'map',
  'spaces',
  'steps',
  'texts',
  'log',
  'inspector',
] as const;
export type PaneName = (typeof PANES)[number];

const START: Sizes = {
  side: null,
  inspector: null,
  bottom: null,
  timeline: null,
  map: null,
  spaces: null,
  machine: 300,
  texts: 50,
};
const SMALLEST = 60;
const LARGEST = 2000;
const KEY = 'pfnlab.layout';

/** The layout as it is kept with a session and on this computer. */
export interface KeptLayout {
  sizes: Partial<Sizes>;
  closed: readonly PaneName[];
}

/** Takes what is sound in a kept layout, whoever wrote it. */
export function soundLayout(kept: unknown): KeptLayout {
  const found = (kept ?? {}) as { sizes?: Record<string, unknown>; closed?: unknown };
  const sizes: Partial<Sizes> = {};
  for (const name of Object.keys(START) as (keyof Sizes)[]) {
    const size = found.sizes?.[name];
    const smallest = name === 'texts' ? 10 : SMALLEST;
    if (typeof size === 'number' && size >= smallest && size <= LARGEST) sizes[name] = size;
  }
  const closed = Array.isArray(found.closed)
    ? PANES.filter((name) => (found.closed as unknown[]).includes(name))
    : [];
  return { sizes, closed };
}

/** Which panes are open and how large; narrow and low windows fold columns by themselves. */
export const useLayout = defineStore('layout', () => {
  const sizes = reactive<Sizes>({ ...START });
  const closed = ref<PaneName[]>([]);
  const narrow = follow('(max-width: 1179px)');
  const low = follow('(max-height: 779px)');
  /** In a narrow window the left column opens over the centre. */
  const sideOver = ref(false);
  /** In a low window the bottom shows its tabs only, until one is chosen. */
  const bottomUp = ref(false);

  function restore(kept: unknown): void {
    const sound = soundLayout(kept);
    Object.assign(sizes, START, sound.sizes);
    closed.value = [...sound.closed];
  }
  restore(readKept(KEY));

  const kept = computed<KeptLayout>(() => ({ sizes: { ...sizes }, closed: [...closed.value] }));
  watch(kept, (now) => keep(KEY, now));

  const isOpen = (name: PaneName): boolean => !closed.value.includes(name);

  function toggle(name: PaneName): void {
    closed.value = isOpen(name)
      ? [...closed.value, name]
      : closed.value.filter((other) => other !== name);
  }

  const SIDE: readonly PaneName[] = ['machine', 'program', 'actors', 'breakpoints', 'watch'];
  const sideShown = computed(() =>
    narrow.value ? sideOver.value : SIDE.some((name) => isOpen(name)),
  );
  const bottomShown = computed(() => isOpen('texts') || isOpen('log'));

  function toggleAll(names: readonly PaneName[]): void {
    const open = names.some((name) => isOpen(name));
    closed.value = open
      ? [...new Set([...closed.value, ...names])]
      : closed.value.filter((name) => !names.includes(name));
  }

  function toggleSide(): void {
    if (narrow.value) sideOver.value = !sideOver.value;
    else toggleAll(SIDE);
  }

  function toggleBottom(): void {
    toggleAll(['texts', 'log']);
  }

  function reset(): void {
    restore(undefined);
  }

  return {
    sizes,
    closed,
    narrow,
    low,
    sideOver,
    bottomUp,
    sideShown,
    bottomShown,
    kept,
    isOpen,
    toggle,
    toggleSide,
    toggleBottom,
    restore,
    reset,
  };
});

function follow(query: string) {
  const list = matchMedia(query);
  const matches = ref(list.matches);
  list.addEventListener('change', () => (matches.value = list.matches));
  return matches;
}
