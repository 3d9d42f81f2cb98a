import { defineStore } from 'pinia';
import { reactive } from 'vue';

/** Windows lower than this show the lower sections of the inspector as headers only. */
const LOW = '(max-height: 780px)';

/** Which sections of the inspector are open; kept while other pages are looked at. */
export const useOpenSections = defineStore('inspector-sections', () => {
  const roomy = !matchMedia(LOW).matches;
  return {
    open: reactive({
      zones: true,
      conversion: false,
      mapped: true,
      pins: true,
      pagemap: roomy,
      writes: roomy,
      path: true,
      changes: true,
      args: true,
    }),
  };
});
