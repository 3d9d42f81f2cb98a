import { commandId } from './actions.ts';

const SEPARATOR = '';

const view = (name: string): string => `org.pfnlab.view.${name}`;

/** The menu bar: ids of actions; an empty id is a line. */
export const MENUS: readonly { readonly title: string; readonly items: readonly string[] }[] = [
  {
    title: 'File',
    items: [
      commandId('labOpen'),
      commandId('labImport'),
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
      SEPARATOR,
      ...['machine', 'program', 'actors', 'breakpoints', 'watch'].map(view),
      SEPARATOR,
      ...['timeline', 'map', 'spaces', 'steps', 'texts', 'log', 'inspector'].map(view),
      SEPARATOR,
      view('reset'),
      SEPARATOR,
      ...['system', 'dark', 'light', 'contrast'].map((theme) => view(`theme.${theme}`)),
      SEPARATOR,
      view('density.compact'),
      view('density.comfortable'),
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
      commandId('scheduleTakeOver'),
      commandId('scheduleResume'),
      SEPARATOR,
      'org.pfnlab.breakpoint.toggle',
      commandId('bookmarkAdd'),
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
