import { FileText } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import TextsPane from './TextsPane.vue';

export default definePane({
  id: 'texts',
  title: 'Kernel files',
  meaning: 'Files of /proc and /sys as a kernel of this version prints them.',
  icon: FileText,
  region: 'bottom',
  order: 1,
  room: { takes: 'size', start: '50%', least: 15, largest: 85 },
  component: TextsPane,
});
