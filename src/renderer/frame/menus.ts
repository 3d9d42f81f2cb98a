import { MENUS, type MenuName } from '../../shared/bench/command.ts';
import { WINDOW_COMMANDS } from '../../shared/bench/window-commands.ts';
import type { Action } from './actions.ts';
import { viewId } from './command.ts';
import type { Pane } from './pane.ts';
import { DENSITIES, THEMES } from './settings.ts';

const SEPARATOR = '';

interface Menu {
  readonly title: MenuName;
  /** Ids of actions; an empty id is a line. */
  readonly items: readonly string[];
}

/** The View menu before what is put into it: places, panes, looks. */
function views(panes: readonly Pane[]): readonly (readonly string[])[] {
  const viewsOf = (left: boolean): string[] =>
    panes.filter(({ region }) => (region === 'left') === left).map(({ id }) => viewId(id));
  return [
    [WINDOW_COMMANDS.home.id, WINDOW_COMMANDS.bench.id, WINDOW_COMMANDS.plugins.id],
    viewsOf(true),
    viewsOf(false),
    [viewId('reset')],
    THEMES.map(({ id }) => viewId(`theme.${id}`)),
    DENSITIES.map(({ id }) => viewId(`density.${id}`)),
  ];
}

/** What actions say of a menu, by group. */
function groupsOf(title: MenuName, actions: ReadonlyMap<string, Action>): string[][] {
  const groups: string[][] = [];
  for (const { id, menu } of actions.values()) {
    if (menu?.in === title) (groups[menu.group] ??= []).push(id);
  }
  return groups;
}

/** The menu bar: each action where it says, with lines between groups. */
export function menusOf(
  panes: readonly Pane[],
  actions: ReadonlyMap<string, Action>,
): readonly Menu[] {
  return MENUS.map((title) => {
    const groups = [...(title === 'View' ? views(panes) : []), ...groupsOf(title, actions)];
    const items = groups
      .filter((group) => group !== undefined && group.length > 0)
      .flatMap((group, at) => (at === 0 ? group : [SEPARATOR, ...group]));
    return { title, items };
  });
}
