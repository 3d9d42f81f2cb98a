import { defineStore } from 'pinia';
import { ref } from 'vue';
import { keyOfLink } from '../../shared/bench/links.ts';

/** What the user selected, as a link of the bench's views: "pfn:4096", "zone:0:Device". */
export const useSelection = defineStore('selection', () => {
  const link = ref('');
  const past = ref<string[]>([]);
  /** The selected page frame, also when a step or a device was selected after it. */
  const pfn = ref<number | null>(null);

  function select(to: string): void {
    if (to === link.value) return;
    if (link.value !== '') past.value.push(link.value);
    link.value = to;
    pfn.value = keyOfLink('pfn', to) ?? pfn.value;
  }

  function back(): void {
    const previous = past.value.pop();
    if (previous !== undefined) link.value = previous;
  }

  /** Forgets everything: another machine's pages have other numbers. */
  function clear(): void {
    link.value = '';
    past.value = [];
    pfn.value = null;
  }

  return { link, pfn, select, back, clear };
});
