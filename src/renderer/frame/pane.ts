import { inject, type Component, type InjectionKey, type Ref } from 'vue';
import type { TableName } from '../../shared/world/tables.ts';
import type { WindowCommand } from './command.ts';
import { REGION_LIST, REGIONS, type Draggable, type RegionName } from './regions.ts';

/** How much of its region a pane takes. */
export type Room =
  /** A size that can be dragged; `start` is a CSS length until somebody does. */
  | ({
      readonly takes: 'size';
      readonly start: string;
      /** CSS length it never grows beyond. */
      readonly most?: string;
      /** How readily it gives way where there is too little room for all; 1 unless said. */
      readonly gives?: number;
    } & Draggable)
  /** As high as what it shows, to a third of the region. */
  | { readonly takes: 'content' }
  /** What the others leave, at least so many CSS pixels. */
  | { readonly takes: 'rest'; readonly least?: number };

/** A pane: all that the frame, the layout, the menus, the palette, the rail and the keys know of it. */
export interface Pane {
  /** Names it in kept layouts, which outlive versions. */
  readonly id: string;
  readonly title: string;
  /** One sentence: what it shows. */
  readonly meaning: string;
  readonly icon: Component;
  readonly region: RegionName;
  /** Place among the panes of its region, ascending. */
  readonly order: number;
  readonly room: Room;
  readonly component: Component;
  /** Tables of the model it shows records of: one can copy them. */
  readonly tables?: readonly TableName[];
  /** Left out of narrow windows. */
  readonly wide?: boolean;
  /** Whether there is something to show; runs in the frame's setup, and asks only while `open`. */
  readonly shown?: (open: () => boolean) => Readonly<Ref<boolean>>;
  /** What one can do with it, read anew whenever that changes. */
  readonly commands?: () => readonly WindowCommand[];
  /** Keys that move the focus to it, in tinykeys notation; beside those every pane has. */
  readonly focusKeys?: readonly string[];
}

export function definePane(pane: Pane): Pane {
  return pane;
}

/**
 * Panes in the order they are read in.
 *
 * @throws when two sizes would be kept under one name
 */
export function arrange(panes: readonly Pane[]): readonly Pane[] {
  const place = Object.keys(REGIONS);
  const kept = [...REGION_LIST.flatMap(({ region }) => region.size?.kept ?? [])];
  for (const { id, room } of panes) {
    if (panes.filter((other) => other.id === id).length > 1)
      throw new Error(`two panes have the id ${id}`);
    if (room.takes === 'size' && kept.includes(id))
      throw new Error(`the size of pane ${id} has the name of a region's`);
  }
  return panes.toSorted(
    (a, b) => place.indexOf(a.region) - place.indexOf(b.region) || a.order - b.order,
  );
}

/** The window's panes, as `arrange` gives them. */
export const PANES: InjectionKey<readonly Pane[]> = Symbol('panes');

/** The pane a component stands in. */
export const PANE: InjectionKey<Pane> = Symbol('pane');

export function usePanes(): readonly Pane[] {
  const panes = inject(PANES);
  if (!panes) throw new Error('the window has no panes');
  return panes;
}

/** The pane around a component that only panes have. */
export function usePane(): Pane {
  const pane = inject(PANE);
  if (!pane) throw new Error('this component stands in no pane');
  return pane;
}
