import { CircleDot } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import { useBreakpoints } from '../../bench/breakpoints.ts';
import { windowCommand } from '../../frame/command.ts';
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
      windowCommand('breakpointToggle', () => void useBreakpoints().toggleFunction(fn), {
        blocked: fn === '' ? 'No step is current.' : '',
      }),
    ];
  },
});
