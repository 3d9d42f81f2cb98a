import { computed } from 'vue';
import { Layers } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import { useInspection } from '../../bench/inspections.ts';
import SpacesPane from './SpacesPane.vue';

export default definePane({
  id: 'spaces',
  title: 'Address spaces',
  meaning: 'What processes and devices have mapped: VMAs and runs of entries.',
  icon: Layers,
  region: 'centre',
  order: 3,
  room: {
    takes: 'size',
    start: 'calc(110px + var(--head) + var(--row))',
    least: 60,
    largest: 600,
    gives: 3,
  },
  component: SpacesPane,
  tables: ['tasks', 'vmas', 'ptes'],
  /** Most labs of machines have nobody with an address space. */
  shown: (open) => {
    const { data } = useInspection('spaces', () => (open() ? {} : null));
    return computed(() => (data.value?.spaces.length ?? 0) > 0);
  },
});
