import { defineStore } from 'pinia';
import { computed, ref, watchEffect } from 'vue';
import { readKept, keep } from './kept.ts';

export const THEMES = ['system', 'dark', 'light', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];
export const DENSITIES = ['compact', 'comfortable'] as const;
export type Density = (typeof DENSITIES)[number];

const KEY = 'pfnlab.settings';

/** How this user likes the window; kept on this computer, never in a lab or a recording. */
export const useSettings = defineStore('settings', () => {
  const kept = readKept(KEY) as { theme?: Theme; density?: Density } | undefined;
  const theme = ref<Theme>(THEMES.find((name) => name === kept?.theme) ?? 'system');
  const density = ref<Density>(DENSITIES.find((name) => name === kept?.density) ?? 'compact');
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
    keep(KEY, { theme: theme.value, density: density.value });
  });

  return { theme, density, shown };
});
