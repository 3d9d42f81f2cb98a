import { tinykeys } from 'tinykeys';
import { FOCUS_KEYS } from '../../shared/bench/window-commands.ts';
import type { Actions } from './actions.ts';
import type { Pane } from './pane.ts';

/** Single keys without a modifier belong to what is typed while a text field has the focus. */
function typing(event: KeyboardEvent): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey &&
    !/^F\d+$/.test(event.key)
  );
}

const elementOf = ({ id }: Pane): HTMLElement | null =>
  document.querySelector<HTMLElement>(`[data-pane="${id}"]`);

/** Gives the focus to what one moves in inside a pane; nothing happens where it is not in sight. */
export function focusPane(pane: Pane): void {
  const element = elementOf(pane);
  const inside = element?.querySelector<HTMLElement>(
    '[role="tree"], [role="grid"], [role="listbox"], [tabindex="0"], button:not(:disabled)',
  );
  (inside ?? element)?.focus();
}

/** The pane so many places from the one with the focus, among those in sight. */
function neighbour(panes: readonly Pane[], by: number): Pane | undefined {
  const here = panes.findIndex((pane) => elementOf(pane)?.contains(document.activeElement));
  const from = here < 0 && by < 0 ? 0 : here;
  return panes[(from + by + panes.length) % panes.length];
}

/** Binds the keys of all actions to the window; a held key repeats. Returns how to unbind. */
export function bindKeys(actions: Actions, panes: readonly Pane[]): () => void {
  const keys = [...actions.value.values()].flatMap((one) =>
    one.keys.map((key) => [key, one.id] as const),
  );
  const bindings: Record<string, (event: KeyboardEvent) => void> = {};
  for (const [key, id] of keys)
    bindings[key] = (event) => {
      if (typing(event)) return;
      event.preventDefault();
      const action = actions.value.get(id);
      if (action && action.blocked === '') action.run();
    };
  const inSight = (): Pane[] => panes.filter((pane) => elementOf(pane)?.offsetParent);
  const focuses = (key: string, which: (seen: readonly Pane[]) => Pane | undefined): void => {
    bindings[key] = (event) => {
      event.preventDefault();
      const pane = which(inSight());
      if (pane) focusPane(pane);
    };
  };
  const { next, previous, nth: numbered } = FOCUS_KEYS;
  for (let nth = 1; nth <= numbered.most; nth += 1)
    focuses(`${numbered.key}${nth}`, (seen) => seen[Math.min(nth, seen.length) - 1]);
  focuses(next.key, (seen) => neighbour(seen, 1));
  focuses(previous.key, (seen) => neighbour(seen, -1));
  for (const pane of panes)
    for (const key of pane.focusKeys ?? [])
      bindings[key] = (event) => {
        if (!typing(event) && !document.querySelector('[role="dialog"], [role="menu"]'))
          focusPane(pane);
      };
  return tinykeys(window, bindings, { ignore: (event) => event.isComposing });
}
