import { computed, type ComputedRef } from 'vue';
import { useSettings } from './settings.ts';

/** Height of a list row in CSS pixels: the token `--row`, for lists that compute with it. */
export function useRowHeight(): ComputedRef<number> {
  const settings = useSettings();
  return computed(() => (settings.density === 'comfortable' ? 28 : 22));
}

/** Height of a line of text (kernel files, logs): a little less than a row. */
export function useLineHeight(): ComputedRef<number> {
  const settings = useSettings();
  return computed(() => (settings.density === 'comfortable' ? 24 : 19));
}
