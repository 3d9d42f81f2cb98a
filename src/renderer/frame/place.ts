import { defineStore } from 'pinia';
import { ref } from 'vue';

export type Place = 'home' | 'bench';

/** Which screen the rail has chosen, and what floats above it. */
export const usePlace = defineStore('place', () => {
  const at = ref<Place>('home');
  const palette = ref<'closed' | 'commands' | 'goto' | 'runto'>('closed');
  return { at, palette };
});
