import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import { keep, readKept } from './kept.ts';
import { usePanes, type Pane } from './pane.ts';
import { REGION_LIST, type Draggable, type RegionName } from './regions.ts';

const KEY = 'pfnlab.layout';

/** The layout as it is kept with a session and on this computer. */
export interface KeptLayout {
  /** Sizes somebody dragged, of panes by id and of regions by the name they keep theirs under. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Ids of panes. */
  readonly closed: readonly string[];
}

/** Takes what is sound in a kept layout, whoever wrote it. */
export function soundLayout(kept: unknown, panes: readonly Pane[]): KeptLayout {
  const found = (kept ?? {}) as { sizes?: Record<string, unknown>; closed?: unknown };
  const closed: unknown[] = Array.isArray(found.closed) ? found.closed : [];
  const bounds: (readonly [string, Draggable])[] = [
    ...REGION_LIST.flatMap(({ region: { size } }) => (size ? [[size.kept, size] as const] : [])),
    ...panes.flatMap(({ id, room }) => (room.takes === 'size' ? [[id, room] as const] : [])),
  ];
  const sizes: Record<string, number> = {};
  for (const [name, { least, largest }] of bounds) {
    const size = found.sizes?.[name];
    if (typeof size === 'number' && size >= least && size <= largest) sizes[name] = size;
  }
  return { sizes, closed: panes.map(({ id }) => id).filter((id) => closed.includes(id)) };
}

/** Which panes are open and how large; narrow and low windows fold regions by themselves. */
export const useLayout = defineStore('layout', () => {
  const panes = usePanes();
  const sizes = ref<Record<string, number | undefined>>({});
  const closed = ref<readonly string[]>([]);
  const narrow = follow('(max-width: 1179px)');
  const low = follow('(max-height: 779px)');
  /** In a narrow window the left column opens over the centre. */
  const sideOver = ref(false);
  /** In a low window the bottom shows its tabs only, until one is chosen. */
  const bottomUp = ref(false);
  const folded = computed(() => low.value && !bottomUp.value);

  function restore(kept: unknown): void {
    const sound = soundLayout(kept, panes);
    sizes.value = { ...sound.sizes };
    closed.value = sound.closed;
  }
  restore(readKept(KEY));

  const kept = computed(() => ({ sizes: { ...sizes.value }, closed: [...closed.value] }));
  watch(kept, (now) => keep(KEY, now));

  const isOpen = (id: string): boolean => !closed.value.includes(id);
  /** Whether a pane may be seen, should it have something to show. */
  const fits = ({ id, wide }: Pane): boolean => isOpen(id) && !(wide && narrow.value);
  const standIn = (region: RegionName) => panes.filter((pane) => pane.region === region);

  function isShown(region: RegionName): boolean {
    if (region === 'left' && narrow.value) return sideOver.value;
    return standIn(region).some(fits);
  }

  function toggle(id: string): void {
    setOpen([id], !isOpen(id));
  }

  function setOpen(ids: readonly string[], open: boolean): void {
    const others = closed.value.filter((id) => !ids.includes(id));
    closed.value = open ? others : [...others, ...ids];
  }

  function toggleRegion(region: RegionName): void {
    if (region === 'left' && narrow.value) sideOver.value = !sideOver.value;
    else {
      const ids = standIn(region).map(({ id }) => id);
      setOpen(ids, !ids.some(isOpen));
    }
  }

  return {
    sizes,
    narrow,
    low,
    sideOver,
    bottomUp,
    folded,
    kept,
    isOpen,
    fits,
    isShown,
    toggle,
    toggleRegion,
    restore,
    reset: () => restore(undefined),
  };
});

function follow(query: string) {
  const list = matchMedia(query);
  const matches = ref(list.matches);
  list.addEventListener('change', () => (matches.value = list.matches));
  return matches;
}
