import { CircleDot } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import { useBreakpoints } from '../../bench/breakpoints.ts';
import { useSession } from '../../bench/session.ts';
import BreakpointsPane from './BreakpointsPane.vue';

export default definePane({
  id: 'breakpoints',
  title: 'Breakpoints',
  meaning: 'Where a run stops: functions, pages, fields, conditions, errors.',
  icon: CircleDot,
  region: 'left',
  order: 4,
  room: { takes: 'content' },
  component: BreakpointsPane,
  commands: () => {
    const fn = useSession().session?.fn ?? '';
    return [
      {
        id: 'org.pfnlab.breakpoint.toggle',
        title: 'Break at the function of this step, or no longer',
        keys: ['F9'],
        blocked: fn === '' ? 'No step is current.' : '',
        menu: { in: 'Run', group: 4 },
        run: () => void useBreakpoints().toggleFunction(fn),
      },
    ];
  },
});
