import { defineStore } from 'pinia';
import { computed, ref, watchEffect } from 'vue';
import { readKept, keep } from './kept.ts';

export const THEMES = [
  { id: 'system', title: 'Theme of the system' },
  { id: 'dark', title: 'Dark theme' },
  { id: 'light', title: 'Light theme' },
  { id: 'contrast', title: 'High contrast theme' },
] as const;
export type Theme = (typeof THEMES)[number]['id'];
export const DENSITIES = [
  { id: 'compact', title: 'Compact rows' },
  { id: 'comfortable', title: 'Comfortable rows' },
] as const;
export type Density = (typeof DENSITIES)[number]['id'];

const KEY = 'pfnlab.settings';

/** How this user likes the window; kept on this computer, never in a lab or a recording. */
export const useSettings = defineStore('settings', () => {
  const kept = readKept(KEY) as
    { theme?: Theme; density?: Density; runOnSave?: boolean } | undefined;
  const theme = ref<Theme>(THEMES.find(({ id }) => id === kept?.theme)?.id ?? 'system');
  const density = ref<Density>(DENSITIES.find(({ id }) => id === kept?.density)?.id ?? 'compact');
  /** Whether the open lab runs again when a plugin under development was saved. */
  const runOnSave = ref(kept?.runOnSave === true);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const systemDark = ref(dark.matches);
  dark.addEventListener('change', () => (systemDark.value = dark.matches));
  const shown = computed(() => {
    if (theme.value !== 'system') return theme.value;
    return systemDark.value ? 'dark' : 'light';
  });

  watchEffect(() => {
    document.documentElement.dataset['theme'] = shown.value;
    document.documentElement.dataset['density'] = density.value;
    keep(KEY, { theme: theme.value, density: density.value, runOnSave: runOnSave.value });
  });

  return { theme, density, runOnSave, shown };
});
