import { ListTree } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import StepsPane from './StepsPane.vue';

export default definePane({
  id: 'steps',
  title: 'Steps',
  meaning: 'The calls of the run as a tree, one row for each step.',
  icon: ListTree,
  region: 'centre',
  order: 4,
  room: { takes: 'rest', least: 186 },
  component: StepsPane,
  focusKeys: ['Escape'],
});
