/** Keys in tinykeys notation, as people read them, and which of them the window really gets. */

const NAMES: Record<string, string> = {
  $mod: 'Ctrl',
  ArrowRight: '→',
  ArrowLeft: '←',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};

/** A browser reloads or leaves the page with these; Electron's window has them for itself. */
const BROWSER_KEEPS = new Set(['F5', '$mod+F5', 'Shift+F5', 'F11']);

/** "$mod+Shift+s" as "Ctrl+Shift+S". */
export function keyLabel(notation: string): string {
  return notation
    .split('+')
    .map((part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join('+');
}

/** The key to print beside an action: the first that works through this door; "" for none. */
export function shownKey(keys: readonly string[], door: 'electron' | 'web' | 'cli'): string {
  const usable = door === 'web' ? keys.find((key) => !BROWSER_KEEPS.has(key)) : keys[0];
  const key = usable ?? keys[0];
  return key === undefined ? '' : keyLabel(key);
}
