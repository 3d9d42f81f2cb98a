import type { Action } from './actions.ts';
import { commandId, viewId, type WindowCommand } from './command.ts';
import type { Pane } from './pane.ts';
import { DENSITIES, THEMES } from './settings.ts';

const SEPARATOR = '';

interface Menu {
  readonly title: NonNullable<WindowCommand['menu']>;
  /** Ids of actions; an empty id is a line. */
  readonly items: readonly string[];
}

/** What each menu always has. */
function fixed(panes: readonly Pane[]): readonly Menu[] {
  const viewsOf = (left: boolean): string[] =>
    panes.filter(({ region }) => (region === 'left') === left).map(({ id }) => viewId(id));
  return [
    {
      title: 'File',
      items: [
        commandId('labOpen'),
        commandId('labImport'),
        commandId('pluginInstall'),
        'org.pfnlab.plugin.installFolder',
        commandId('pluginName'),
        SEPARATOR,
        commandId('sessionSave'),
        commandId('sessionShare'),
        commandId('labText'),
        SEPARATOR,
        commandId('sessionClose'),
      ],
    },
    {
      title: 'View',
      items: [
        'org.pfnlab.place.home',
        'org.pfnlab.place.bench',
        'org.pfnlab.place.plugins',
        SEPARATOR,
        ...viewsOf(true),
        SEPARATOR,
        ...viewsOf(false),
        SEPARATOR,
        viewId('reset'),
        SEPARATOR,
        ...THEMES.map(({ id }) => viewId(`theme.${id}`)),
        SEPARATOR,
        ...DENSITIES.map(({ id }) => viewId(`density.${id}`)),
      ],
    },
    {
      title: 'Run',
      items: [
        commandId('continue'),
        commandId('stepOver'),
        commandId('stepInto'),
        commandId('stepOut'),
        SEPARATOR,
        commandId('reverseContinue'),
        commandId('stepBackOver'),
        commandId('stepBack'),
        commandId('stepBackOut'),
        SEPARATOR,
        commandId('runTo'),
        SEPARATOR,
        'org.pfnlab.lab.runAgain',
      ],
    },
    {
      title: 'Go',
      items: [
        commandId('resolve'),
        'org.pfnlab.selection.back',
        SEPARATOR,
        commandId('toStart'),
        commandId('toEnd'),
      ],
    },
  ];
}

/** The menu bar: what each menu always has, then what panes put into it. */
export function menusOf(
  panes: readonly Pane[],
  actions: ReadonlyMap<string, Action>,
): readonly Menu[] {
  return fixed(panes).map(({ title, items }) => {
    const more = [...actions.values()].filter(({ menu }) => menu === title).map(({ id }) => id);
    return { title, items: more.length > 0 ? [...items, SEPARATOR, ...more] : items };
  });
}
