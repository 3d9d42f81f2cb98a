import { Server } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import MachinePane from './MachinePane.vue';

export default definePane({
  id: 'machine',
  title: 'Machine',
  meaning: 'Nodes with their CPUs and DRAM, and the devices on their buses.',
  icon: Server,
  region: 'left',
  order: 1,
  room: { takes: 'size', start: '300px', least: 80, largest: 800, most: '45%' },
  component: MachinePane,
  tables: ['nodes', 'devices', 'registers'],
});
