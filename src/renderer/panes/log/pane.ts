import { ScrollText } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import LogPane from './LogPane.vue';

export default definePane({
  id: 'log',
  title: 'Log',
  meaning: 'Notes of steps, kernel messages, problems of the file and expectations.',
  icon: ScrollText,
  region: 'bottom',
  order: 2,
  room: { takes: 'rest' },
  component: LogPane,
  tables: ['kernel_log'],
  wide: true,
});
