import { Eye } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import WatchPane from './WatchPane.vue';

export default definePane({
  id: 'watch',
  title: 'Watch',
  meaning: 'Variables of the kernel, and the step that wrote each.',
  icon: Eye,
  region: 'left',
  order: 5,
  room: { takes: 'rest', least: 72 },
  component: WatchPane,
  tables: ['vars'],
});
