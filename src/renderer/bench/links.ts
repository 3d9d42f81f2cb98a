import { useSelection } from './selection.ts';
import { useSession } from './session.ts';

/** Follows a link of the bench's views: a step is gone to, anything else is selected. */
export function useFollow(): (link: string) => void {
  const selection = useSelection();
  const session = useSession();
  return (link) => {
    if (link.startsWith('step:')) void session.act('seek', { step: Number(link.slice(5)) });
    else selection.select(link);
  };
}
