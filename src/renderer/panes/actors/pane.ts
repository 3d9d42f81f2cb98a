import { Users } from '@lucide/vue';
import { definePane } from '../../frame/pane.ts';
import { useSession } from '../../bench/session.ts';
import { benchCommand } from '../../frame/command.ts';
import { whyNoTakeOver } from './actors.ts';
import ActorsPane from './ActorsPane.vue';

export default definePane({
  id: 'actors',
  title: 'Actors',
  meaning: 'Who is where: kernel stacks, locks, what each waits for.',
  icon: Users,
  region: 'left',
  order: 3,
  room: { takes: 'content' },
  component: ActorsPane,
  tables: ['actors', 'locks'],
  commands: () => {
    const { act, session } = useSession();
    return [
      benchCommand('scheduleTakeOver', () => void act('scheduleTakeOver', {}), {
        blocked: whyNoTakeOver(session),
      }),
      benchCommand('scheduleResume', () => void act('scheduleResume', {}), {
        blocked: session?.head ? '' : 'The run does not wait for a choice.',
      }),
    ];
  },
});
