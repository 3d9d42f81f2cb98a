import { PanelRight } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import InspectorPane from './InspectorPane.vue';

export default definePane({
  id: 'inspector',
  title: 'Inspector',
  meaning: 'Every field of the selected page, section, zone, pagemap, extent, device or step.',
  icon: PanelRight,
  region: 'right',
  order: 1,
  room: { takes: 'rest' },
  component: InspectorPane,
});
