import { ListOrdered } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import ProgramPane from './ProgramPane.vue';

export default definePane({
  id: 'program',
  title: 'Program',
  meaning: 'The operations of the lab, and the steps each of them took.',
  icon: ListOrdered,
  region: 'left',
  order: 2,
  room: { takes: 'content' },
  component: ProgramPane,
});
