import { defineStore } from 'pinia';
import { computed, ref } from 'vue';

export type SelectionKind =
  'pfn' | 'section' | 'zone' | 'pgmap' | 'step' | 'device' | 'node' | 'none';

/** What the user selected, as the links of the bench's views: "pfn:4096", "zone:0:Device". */
export const useSelection = defineStore('selection', () => {
  const link = ref('');
  const past = ref<string[]>([]);
  const kind = computed<SelectionKind>(() => {
    const [head = ''] = link.value.split(':');
    return (head === '' ? 'none' : head) as SelectionKind;
  });
  const target = computed(() => link.value.slice(link.value.indexOf(':') + 1));
  /** The selected page frame, also when a step or a device was selected after it. */
  const pfn = ref<number | null>(null);

  function select(to: string): void {
    if (to === link.value) return;
    if (link.value !== '') past.value.push(link.value);
    link.value = to;
    if (to.startsWith('pfn:')) pfn.value = Number(to.slice(4));
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

  return { link, kind, target, pfn, select, back, clear };
});
