import { MemoryStick } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import MapPane from './MapPane.vue';

export default definePane({
  id: 'map',
  title: 'Physical memory',
  meaning: 'Physical memory from the whole machine down to one page.',
  icon: MemoryStick,
  region: 'centre',
  order: 2,
  room: {
    takes: 'size',
    start: 'calc(144px + var(--head) + var(--row))',
    least: 80,
    largest: 600,
    // It cannot scroll: the others give way first.
    gives: 0.2,
  },
  component: MapPane,
  tables: ['resources', 'zones', 'sections', 'pages'],
});
