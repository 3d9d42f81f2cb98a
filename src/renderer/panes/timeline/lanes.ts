import type { StepRow } from '../../../shared/bench/views.ts';
import { xOf, type StepsView } from './steps-scale.ts';

/** A call on the screen; a chain of calls that contain nothing else is one bar. */
export interface Bar {
  readonly seq: number;
  /** First step after the call. */
  readonly end: number;
  readonly label: string;
  readonly x: number;
  readonly width: number;
  /** Row inside its lane, 0 at the top. */
  readonly row: number;
  /** The innermost call that holds the current step. */
  readonly hot: boolean;
  /** Share of the bar that is already replayed, 0 to 1. */
  readonly done: number;
  readonly error: boolean;
  /** Bars merged because they would be narrower than two pixels. */
  readonly merged: number;
}

export interface Lane {
  readonly actor: string;
  readonly bars: readonly Bar[];
  /** Rows of bars it needs; at least 1. */
  readonly rows: number;
}

interface Call {
  readonly row: StepRow;
  readonly end: number;
  readonly label: string;
  readonly children: Call[];
}

/** Calls as a tree, by the steps they cover; points and returns are not calls. */
function callTree(bars: readonly StepRow[], length: number): Call[] {
  const roots: Call[] = [];
  const open: Call[] = [];
  const calls = bars
    .filter(({ kind }) => kind !== 'point' && kind !== 'return')
    .toSorted((a, b) => a.seq - b.seq);
  for (const row of calls) {
    const call: Call = {
      row,
      end: (row.end === 0 ? Math.max(length, row.seq) : row.end) + 1,
      label: row.fn,
      children: [],
    };
    while (open.length > 0 && !isInside(call, open.at(-1))) open.pop();
    const parent = open.at(-1);
    if (parent) parent.children.push(call);
    else roots.push(call);
    open.push(call);
  }
  return roots;
}

/** Actors interleave, so the steps of a call may hold calls of another actor: depth decides. */
function isInside(call: Call, outer: Call | undefined): boolean {
  return (
    outer !== undefined &&
    outer.row.actor === call.row.actor &&
    outer.row.seq < call.row.seq &&
    call.row.seq < outer.end &&
    outer.row.depth < call.row.depth
  );
}

/** `a \u203a b` for a call that does nothing but call b. */
function collapse(call: Call): Call {
  let shown = call;
  let only = call.children[0];
  while (
    only !== undefined &&
    shown.children.length === 1 &&
    only.row.seq - shown.row.seq <= 1 &&
    shown.end - only.end <= 1
  ) {
    shown = { ...only, row: call.row, end: call.end, label: `${shown.label} \u203a ${only.label}` };
    only = shown.children[0];
  }
  return shown;
}

/** The lanes of all actors that have calls in view, in the order given, then as they come. */
export function layOutLanes(
  rows: readonly StepRow[],
  actors: readonly string[],
  view: StepsView,
  at: number,
): Lane[] {
  const byActor = new Map<string, StepRow[]>();
  for (const row of rows) {
    const list = byActor.get(row.actor);
    if (list) list.push(row);
    else byActor.set(row.actor, [row]);
  }
  const order = [...actors.filter((actor) => byActor.has(actor))];
  for (const actor of byActor.keys()) if (!order.includes(actor)) order.push(actor);
  return order.map((actor) => layOutLane(actor, byActor.get(actor) ?? [], view, at));
}

function layOutLane(actor: string, rows: readonly StepRow[], view: StepsView, at: number): Lane {
  const bars: Bar[] = [];
  const lastInRow: (Bar | undefined)[] = [];
  const place = (outer: Call, row: number): void => {
    const call = collapse(outer);
    for (const bar of placed(call, row)) {
      const last = lastInRow[row];
      if (last && bar.width < 2 && last.width < 4 && bar.x - (last.x + last.width) < 1) {
        const joined: Bar = {
          ...last,
          end: bar.end,
          width: bar.x + bar.width - last.x,
          label: '',
          hot: last.hot || bar.hot,
          error: last.error || bar.error,
          merged: last.merged + 1,
        };
        bars[bars.lastIndexOf(last)] = joined;
        lastInRow[row] = joined;
      } else {
        bars.push(bar);
        lastInRow[row] = bar;
      }
    }
    for (const child of call.children) place(child, row + 1);
  };
  const placed = (call: Call, row: number): Bar[] => {
    const seq = call.row.seq;
    if (call.end <= view.from || seq >= view.to) return [];
    const from = Math.max(view.from, seq);
    const to = Math.min(view.to, call.end);
    const x = xOf(view, from);
    return [
      {
        seq,
        end: call.end,
        label: call.label,
        x,
        width: Math.max(1, xOf(view, to) - x),
        row,
        hot:
          seq <= at && at < call.end && !call.children.some((c) => c.row.seq <= at && at < c.end),
        done: Math.min(1, Math.max(0, (at + 1 - from) / (to - from))),
        error: call.row.error !== undefined && call.row.expected !== true,
        merged: 1,
      },
    ];
  };
  for (const root of callTree(rows, view.length)) place(root, 0);
  return { actor, bars, rows: bars.reduce((most, { row }) => Math.max(most, row + 1), 1) };
}

/**
 * Rows each lane may show where the pane is too low for all: one each, then all that the lane of
 * the current step needs, then the others in turn.
 */
export function shareRows(
  lanes: readonly { rows: number; current?: boolean }[],
  room: number,
): number[] {
  const given = lanes.map(() => 1);
  let left = room - given.length;
  for (const [index, lane] of lanes.entries()) {
    if (!lane.current || left <= 0) continue;
    const more = Math.min(left, lane.rows - 1);
    given[index] = 1 + more;
    left -= more;
  }
  for (let more = true; more && left > 0;) {
    more = false;
    for (const [index, lane] of lanes.entries()) {
      const now = given[index] ?? 1;
      if (left > 0 && now < lane.rows) {
        given[index] = now + 1;
        left -= 1;
        more = true;
      }
    }
  }
  return given;
}

/** Where on the screen the steps stand that wrote to devices. */
export function deviceTicks(
  ticks: readonly { device: string; seq: number }[],
  view: StepsView,
): { device: string; seq: number; x: number }[] {
  return ticks
    .map(({ device, seq }) => ({ device, seq, x: xOf(view, seq) }))
    .filter(({ x }) => x >= 0 && x <= view.width);
}
