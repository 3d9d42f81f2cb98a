/**
 * Arrow keys move over the links and twisties of a pane's body, so that Tab need not stop at each.
 * Returns whether the key was one of them.
 */
export function moveFocus(container: HTMLElement, event: KeyboardEvent): boolean {
  const { key } = event;
  if (!['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(key)) return false;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const stops = [...container.querySelectorAll<HTMLElement>('button')].filter(
    (stop) => stop.offsetParent !== null && !stop.hasAttribute('disabled'),
  );
  if (stops.length === 0) return false;
  const index = stops.indexOf(document.activeElement as HTMLElement);
  stops[nextStop(key, index, stops.length)]?.focus();
  event.preventDefault();
  return true;
}

/** The stop a key leads to from `index` (\u22121: none yet) of `count`. */
export function nextStop(key: string, index: number, count: number): number {
  switch (key) {
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    case 'ArrowUp':
      return Math.max(0, index - 1);
    default:
      return Math.min(count - 1, index + 1);
  }
}
