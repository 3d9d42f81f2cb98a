import { computed, reactive, ref, watch, type Ref } from 'vue';
import type { MapBlock } from '../../../shared/bench/views.ts';
import { useInspection } from '../../bench/inspections.ts';
import { useSelection } from '../../bench/selection.ts';
import { useSession } from '../../bench/session.ts';
import {
  buildScale,
  coverWithPieces,
  cutPieces,
  fitted,
  joinSlivers,
  panned,
  showsAll,
  toPixels,
  wholeView,
  zoomed,
  type View,
} from './scale.ts';
import type { Tier } from './tiers.ts';
import { askedRange, selectedRange, shownSection, type PfnRange } from './window.ts';

const LIMIT = 2000;
const NO_BLOCKS: readonly MapBlock[] = [];

/**
 * The three views of the map and their blocks: the machine (iomem, zones, sections), the
 * sub-sections of one section, its page extents. `width` is that of the drawing, in pixels.
 */
export function useMapViews(width: Ref<number>) {
  const session = useSession();
  const selection = useSelection();
  const machine = useInspection('machine', () => ({}));

  /** Zone boundaries seen so far in this session: pieces are cut there and stay cut. */
  const boundaries = ref<readonly number[]>([]);
  /** What is in view, in PFNs; null shows everything. */
  const coarseWindow = ref<{ from: number; to: number } | null>(null);
  const fineWindow = ref<{ from: number; to: number } | null>(null);

  const whole = computed((): PfnRange | null => {
    const pieces = machine.data.value?.pieces;
    const last = pieces?.reduce((end, piece) => Math.max(end, piece.end), 0) ?? 0;
    return last > 0 ? { start: 0, end: last } : null;
  });
  const pieces = computed(() =>
    whole.value
      ? joinSlivers(coverWithPieces(machine.data.value?.pieces ?? [], whole.value.end))
      : [],
  );
  const coarse = computed((): View | null => {
    if (pieces.value.length === 0) return null;
    const scale = buildScale(joinSlivers(cutPieces(pieces.value, boundaries.value)), {
      width: width.value,
      minimum: 20,
      fold: 16,
    });
    const view = wholeView(scale, width.value);
    const window = coarseWindow.value;
    return window
      ? { ...view, from: Math.max(scale.start, window.from), to: Math.min(scale.end, window.to) }
      : view;
  });

  const coarseMap = useInspection('map', () => {
    const view = coarse.value;
    if (!view || !whole.value) return null;
    return {
      ...askedRange(view.from, view.to, whole.value),
      tiers: ['iomem', 'zone', 'section'],
      limit: LIMIT,
    };
  });
  const coarseBlocks = computed(() => coarseMap.data.value?.blocks ?? NO_BLOCKS);
  watch(coarseBlocks, (blocks) => {
    const zones = blocks.filter(({ tier }) => tier === 'zone');
    const seen = new Set(boundaries.value);
    for (const { start, end } of zones) seen.add(start).add(end);
    if (seen.size > boundaries.value.length) boundaries.value = [...seen];
  });
  watch(
    () => session.session?.id,
    () => {
      boundaries.value = [];
      coarseWindow.value = null;
      fineWindow.value = null;
    },
  );

  const selected = computed(() =>
    machine.data.value
      ? selectedRange(selection.link, selection.pfn, machine.data.value, coarseBlocks.value)
      : null,
  );
  const section = computed((): PfnRange | null => {
    const view = coarse.value;
    const perSection = machine.data.value?.pages_per_section;
    if (!view || perSection === undefined) return null;
    const sections = coarseBlocks.value.filter(({ tier }) => tier === 'section');
    const nr = shownSection(view, selected.value, sections, perSection);
    return nr === null ? null : { start: nr * perSection, end: (nr + 1) * perSection };
  });
  watch(
    () => section.value?.start,
    () => {
      fineWindow.value = null;
    },
  );

  const middleMap = useInspection('map', () =>
    section.value ? { ...section.value, tiers: ['subsection'], limit: LIMIT } : null,
  );
  const middleBlocks = computed(() => middleMap.data.value?.blocks ?? NO_BLOCKS);
  const middle = computed((): View | null => {
    if (!section.value) return null;
    const piece = { ...section.value, content: true };
    return wholeView(buildScale([piece], { width: width.value, minimum: 1, fold: 0 }), width.value);
  });

  /** Once the machine's view is inside one section, the extents show the same pages. */
  const together = computed(() => {
    const view = coarse.value;
    const range = section.value;
    return Boolean(view && range && view.from >= range.start && view.to <= range.end);
  });
  const fineMap = useInspection('map', () =>
    section.value ? { ...section.value, tiers: ['extent'], limit: LIMIT } : null,
  );
  const fineBlocks = computed(() => fineMap.data.value?.blocks ?? NO_BLOCKS);
  const fine = computed((): View | null => {
    const range = section.value;
    const view = coarse.value;
    if (!range || !view) return null;
    const piece = { ...range, content: true };
    if (together.value) {
      const scale = buildScale([piece], { width: width.value, minimum: 1, fold: 0 });
      return { scale, from: view.from, to: view.to, width: width.value };
    }
    const cuts = fineBlocks.value.flatMap(({ start, end }) => [start, end]);
    const scale = buildScale(cutPieces([piece], cuts), {
      width: width.value,
      minimum: 44,
      fold: 0,
    });
    const all = wholeView(scale, width.value);
    return fineWindow.value ? { ...all, ...fineWindow.value } : all;
  });

  function isFine(tier: Tier): boolean {
    return (tier === 'extent' || tier === 'subsection') && !together.value;
  }

  function change(tier: Tier, to: (view: View) => View): void {
    const view = isFine(tier) ? fine.value : coarse.value;
    if (!view) return;
    const next = to(view);
    const window = showsAll(next) ? null : { from: next.from, to: next.to };
    if (isFine(tier)) fineWindow.value = window;
    else coarseWindow.value = window;
  }

  return reactive({
    machine,
    pieces,
    coarse,
    coarseBlocks,
    middle,
    middleBlocks,
    fine,
    fineBlocks,
    selected,
    section,
    together,
    whole,
    loading: computed(() => coarseMap.loading.value || fineMap.loading.value),
    error: computed(
      () => machine.error.value || coarseMap.error.value || fineMap.error.value || '',
    ),
    zoom: (tier: Tier, x: number, factor: number) =>
      change(tier, (view) => zoomed(view, x, factor)),
    /** Where the middle of a range stands in a tier's view, in pixels; outside where it is not in view. */
    middleOf: (tier: Tier, range: PfnRange): number => {
      const view = isFine(tier) ? fine.value : coarse.value;
      return view ? toPixels(view)((range.start + range.end) / 2) : -1;
    },
    pan: (tier: Tier, pixels: number) => change(tier, (view) => panned(view, pixels)),
    showAll: () => {
      coarseWindow.value = null;
      fineWindow.value = null;
    },
    fit: (tier: Tier, range: PfnRange, around: number) =>
      change(tier, (view) => fitted(view, range.start, range.end, around)),
  });
}

export type MapViews = ReturnType<typeof useMapViews>;
