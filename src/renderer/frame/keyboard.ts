import type { ComputedRef } from 'vue';
import { tinykeys } from 'tinykeys';
import type { Action } from './actions.ts';

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

/** Focus moves between the panes' bodies, in reading order. */
export function focusPane(move: 1 | -1 | { readonly index: number }): void {
  const stops = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(
    (pane) => pane.offsetParent !== null,
  );
  if (stops.length === 0) return;
  const here = stops.findIndex((pane) => pane.contains(document.activeElement));
  const next =
    typeof move === 'number'
      ? (here + move + stops.length) % stops.length
      : Math.min(move.index, stops.length - 1);
  const pane = stops[next];
  const inside = pane?.querySelector<HTMLElement>(
    '[role="tree"], [role="grid"], [role="listbox"], [tabindex="0"], button:not(:disabled)',
  );
  (inside ?? pane)?.focus();
}

/** Binds the keys of all actions to the window; a held key repeats. Returns how to unbind. */
export function bindKeys(actions: ComputedRef<ReadonlyMap<string, Action>>): () => void {
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
  for (let index = 0; index < 9; index += 1)
    bindings[`$mod+${index + 1}`] = (event) => {
      event.preventDefault();
      focusPane({ index });
    };
  bindings['F6'] = (event) => {
    event.preventDefault();
    focusPane(1);
  };
  bindings['Shift+F6'] = (event) => {
    event.preventDefault();
    focusPane(-1);
  };
  bindings['Escape'] = (event) => {
    if (typing(event) || document.querySelector('[role="dialog"], [role="menu"]')) return;
    document.querySelector<HTMLElement>('[role="tree"]')?.focus();
  };
  return tinykeys(window, bindings, { ignore: (event) => event.isComposing });
}
