import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import type { StepRow } from '../../../shared/bench/views.ts';
import { useInspections } from '../../bench/inspections.ts';
import { useSession } from '../../bench/session.ts';
import {
  branch,
  height,
  lineAt,
  placeOf,
  rootFor,
  windowStart,
  WINDOW,
  type Branch,
  type Crumb,
  type Line,
} from './tree.ts';

/** Calls that Follow opened close again behind it, unless they are this small. */
const KEPT_OPEN_ROWS = 12;

/** The step tree of the session: what is open, what is loaded, and where it is rooted. */
export const useSteps = defineStore('steps', () => {
  const session = useSession();
  const inspections = useInspections();
  const changesOnly = ref(false);
  const follow = ref(true);
  const root = ref(0);
  /** The calls around the tree, outermost first; the last one is the root. */
  const crumbs = ref<readonly Crumb[]>([]);
  const problem = ref('');
  const loading = ref(0);
  /** The line to show; a new object each time it shall be scrolled to. */
  const shown = ref<{ place: number } | null>(null);

  /** Branches hold plain maps: `version` tells Vue that something in them changed. */
  const version = ref(0);
  const branches = new Map<number, Branch>();
  const opened = new Set<number>();
  const asked = new Set<string>();
  let generation = 0;
  let wish = 0;
  let grown = false;
  let growing = false;

  function of(seq: number): Branch {
    let found = branches.get(seq);
    if (!found) branches.set(seq, (found = branch(seq)));
    return found;
  }

  const lines = computed(() => (void version.value, height(of(root.value))));

  function line(at: number): Line | undefined {
    void version.value;
    return lineAt(of(root.value), at);
  }

  async function load(seq: number, offset: number): Promise<void> {
    const key = `${seq}:${offset}`;
    if (asked.has(key)) return;
    asked.add(key);
    const mine = generation;
    loading.value += 1;
    try {
      const input = { parent: seq, offset, count: WINDOW, changes_only: changesOnly.value };
      const answer = await session.call('children', input);
      if (mine !== generation) return;
      const target = of(seq);
      target.total = answer.total;
      answer.rows.forEach((row, index) => target.rows.set(offset + index, row));
      problem.value = '';
      version.value += 1;
    } catch (error) {
      asked.delete(key);
      problem.value = error instanceof Error ? error.message : String(error);
    } finally {
      loading.value -= 1;
    }
  }

  /** Loads the window around a line that came in sight without its row. */
  function want(missing: Line): void {
    void load(missing.branch.seq, windowStart(missing.index));
  }

  function isOpen(at: Line): boolean {
    return at.branch.open.has(at.index);
  }

  async function open(at: Line, row: StepRow): Promise<void> {
    await load(row.seq, 0);
    at.branch.open.set(at.index, of(row.seq));
    version.value += 1;
  }

  function close(at: Line): void {
    at.branch.open.delete(at.index);
    version.value += 1;
  }

  async function toggle(at: Line): Promise<void> {
    if (!at.row || at.row.children === 0) return;
    opened.delete(at.row.seq);
    if (isOpen(at)) close(at);
    else await open(at, at.row);
  }

  /** Roots the tree at a call around it; 0 lists the operations. */
  async function setRoot(seq: number): Promise<void> {
    const index = crumbs.value.findIndex((crumb) => crumb.seq === seq);
    crumbs.value = crumbs.value.slice(0, index + 1);
    await load(seq, 0);
    root.value = seq;
  }

  /** Closes calls that Follow opened and the step has left, the large ones. */
  function tidy(path: ReadonlySet<number>): void {
    for (const at of branches.values())
      for (const [index, inner] of at.open)
        if (opened.has(inner.seq) && !path.has(inner.seq) && height(inner) > KEPT_OPEN_ROWS) {
          at.open.delete(index);
          opened.delete(inner.seq);
        }
  }

  /** Opens the calls around a step and scrolls to it. */
  async function reveal(step: number): Promise<void> {
    wish += 1;
    const mine = wish;
    if (step === 0) {
      await load(0, 0);
      if (mine === wish) shown.value = { place: 0 };
      return;
    }
    try {
      const asked = { step, changes_only: changesOnly.value };
      const { path } = await inspections.ask('path', asked).promise;
      if (mine !== wish) return;
      const around = path.filter(({ row }) => row.seq !== step);
      const next = rootFor(
        around.map(({ row }) => ({ seq: row.seq, fn: row.fn })),
        root.value,
      );
      const below = around.findIndex(({ row }) => row.seq === next) + 1;
      await load(next, 0);
      let parent = next;
      for (const { row, index } of around.slice(below)) {
        await Promise.all([load(row.seq, 0), load(parent, windowStart(Math.max(0, index)))]);
        if (mine !== wish) return;
        if (index >= 0 && !of(parent).open.has(index)) {
          of(parent).open.set(index, of(row.seq));
          opened.add(row.seq);
        }
        parent = row.seq;
      }
      const self = path.find(({ row }) => row.seq === step);
      const index = self?.index ?? -1;
      if (index >= 0) await load(parent, windowStart(index));
      const opens = self && index >= 0 && self.row.children > 0 && !of(parent).open.has(index);
      if (opens) await load(step, 0);
      if (mine !== wish) return;
      if (opens) {
        // What the call will do next is what somebody who stands at it wants to see.
        of(parent).open.set(index, of(step));
        opened.add(step);
      }
      tidy(new Set(path.map(({ row }) => row.seq)));
      crumbs.value = around.slice(0, below).map(({ row }) => ({ seq: row.seq, fn: row.fn }));
      root.value = next;
      version.value += 1;
      const place = index >= 0 ? placeOf(of(next), of(parent), index) : -1;
      if (place >= 0) shown.value = { place };
    } catch (error) {
      if (mine === wish) problem.value = error instanceof Error ? error.message : String(error);
    }
  }

  function forget(): void {
    generation += 1;
    branches.clear();
    opened.clear();
    asked.clear();
    version.value += 1;
  }

  async function renew(): Promise<void> {
    forget();
    if (!session.session) return;
    await load(root.value, 0);
    await reveal(session.at);
  }

  /** Asks again for what is loaded: the recording became longer. One round at a time. */
  async function grow(): Promise<void> {
    grown = true;
    if (growing) return;
    growing = true;
    while (grown) {
      grown = false;
      const windows = [...asked];
      asked.clear();
      await Promise.all(
        windows.map((key) => {
          const [seq = 0, offset = 0] = key.split(':').map(Number);
          return load(seq, offset);
        }),
      );
    }
    growing = false;
    if (follow.value) await reveal(session.at);
  }

  watch(
    () => session.session?.id,
    () => {
      root.value = 0;
      crumbs.value = [];
      void renew();
    },
    { immediate: true },
  );
  watch(changesOnly, () => void renew());
  watch(
    () => session.session?.length,
    () => void grow(),
  );
  watch(
    () => session.at,
    (at) => {
      if (follow.value && session.session) void reveal(at);
    },
  );
  watch(follow, (on) => {
    if (on) void reveal(session.at);
  });

  return {
    changesOnly,
    follow,
    root,
    crumbs,
    problem,
    loading,
    shown,
    lines,
    line,
    want,
    isOpen,
    toggle,
    setRoot,
    reveal,
  };
});
