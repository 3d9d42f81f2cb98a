import type { Component } from 'vue';
import { PanelBottom, PanelLeft, PanelRight } from '@lucide/vue';

/** A size that somebody may drag: in CSS pixels, in a row of panes in per cent of its width. */
export interface Draggable {
  readonly least: number;
  readonly largest: number;
}

export interface Region {
  /** How its panes stand. */
  readonly flow: 'row' | 'column';
  /** What the title bar and the View menu show or hide; the centre is always there. */
  readonly toggle?: { readonly title: string; readonly icon: Component };
  /** The side of its own drag handle, and the name its size is kept under. */
  readonly size?: Draggable & {
    readonly kept: string;
    readonly handle: 'left' | 'right' | 'below';
  };
}

/** Where panes can stand, in the order they are read in. */
export const REGIONS = {
  left: {
    flow: 'column',
    toggle: { title: 'Left column', icon: PanelLeft },
    size: { kept: 'side', handle: 'left', least: 180, largest: 520 },
  },
  centre: { flow: 'column' },
  bottom: {
    flow: 'row',
    toggle: { title: 'Bottom panes', icon: PanelBottom },
    size: { kept: 'bottom', handle: 'below', least: 80, largest: 600 },
  },
  right: {
    flow: 'column',
    toggle: { title: 'Right column', icon: PanelRight },
    size: { kept: 'inspector', handle: 'right', least: 260, largest: 720 },
  },
} as const satisfies Record<string, Region>;

export type RegionName = keyof typeof REGIONS;

/** The same regions to go over: name and description. */
export const REGION_LIST: readonly { readonly name: RegionName; readonly region: Region }[] = (
  Object.keys(REGIONS) as RegionName[]
).map((name) => ({ name, region: REGIONS[name] }));
