import { keyOfLink } from '../../shared/bench/links.ts';
import { useSelection } from './selection.ts';
import { useSession } from './session.ts';

/** Follows a link of the bench's views: a step is gone to, anything else is selected. */
export function useFollow(): (link: string) => void {
  const selection = useSelection();
  const session = useSession();
  return (link) => {
    const step = keyOfLink('step', link);
    if (step !== undefined) void session.act('seek', { step });
    else selection.select(link);
  };
}
