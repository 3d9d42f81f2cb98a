import { History } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import { useSession } from '../../bench/session.ts';
import { benchCommand } from '../../frame/command.ts';
import TimelinePane from './TimelinePane.vue';

export default definePane({
  id: 'timeline',
  title: 'Timeline',
  meaning: 'All steps, who took them, and where the session stands.',
  icon: History,
  region: 'centre',
  order: 1,
  room: { takes: 'size', start: 'calc(156px + var(--head))', least: 80, largest: 600 },
  component: TimelinePane,
  commands: () => [
    benchCommand('bookmarkAdd', () => void useSession().act('bookmarkAdd', {}), {
      blocked: useSession().session ? '' : 'No session is open.',
    }),
  ],
});
