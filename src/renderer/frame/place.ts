import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { CopyFormat } from './copies.ts';

export type Place = 'home' | 'bench' | 'plugins';

/** What the palette is for, while it is open. */
export type PaletteMode = 'commands' | 'goto' | 'runto' | CopyFormat;

/** Which screen the rail has chosen, and what floats above it. */
export const usePlace = defineStore('place', () => {
  const at = ref<Place>('home');
  const palette = ref<'closed' | PaletteMode>('closed');
  return { at, palette };
});
