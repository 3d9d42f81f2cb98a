import { computed, inject, type ComputedRef, type InjectionKey } from 'vue';
import { COMMANDS, type CommandName } from '../../shared/bench/commands.ts';
import { useSelection } from '../bench/selection.ts';
import { useSession } from '../bench/session.ts';
import { shownKey } from '../bench/keys.ts';
import { useBreakpoints } from '../panes/breakpoints/breakpoints.ts';
import { useDocuments } from './documents.ts';
import { useLayout, type PaneName } from './layout.ts';
import { usePlace } from './place.ts';
import { useSettings, type Density, type Theme } from './settings.ts';

/** Something a user can do, as the menu, the palette, the keys and the buttons offer it. */
export interface Action {
  readonly id: string;
  readonly title: string;
  /** In tinykeys notation, all that work. */
  readonly keys: readonly string[];
  /** The one to print. */
  readonly key: string;
  readonly palette: boolean;
  /** Why it cannot be done now; "" when it can. */
  readonly blocked: string;
  /** Whether what it switches is on. */
  readonly checked?: boolean;
  readonly run: () => void;
}

export type Actions = ComputedRef<ReadonlyMap<string, Action>>;

export const ACTIONS: InjectionKey<Actions> = Symbol('actions');

/** The window's actions, in a component below the app. */
export function useWindowActions(): Actions {
  const actions = inject(ACTIONS);
  if (!actions) throw new Error('the window has no actions');
  return actions;
}

type Options = Partial<Pick<Action, 'keys' | 'blocked' | 'checked' | 'palette' | 'title'>>;

const PANE_TITLES: Record<PaneName, string> = {
  machine: 'Machine',
  program: 'Program',
  actors: 'Actors',
  breakpoints: 'Breakpoints',
  watch: 'Watch',
  timeline: 'Timeline',
  map: 'Physical memory',
  spaces: 'Address spaces',
  steps: 'Steps',
  texts: 'Kernel files',
  log: 'Log',
  inspector: 'Inspector',
};

const THEME_TITLES: Record<Theme, string> = {
  system: 'Theme of the system',
  dark: 'Dark theme',
  light: 'Light theme',
  contrast: 'High contrast theme',
};

const MOVES = [
  'reverseContinue',
  'stepBackOut',
  'stepBack',
  'stepBackOver',
  'stepOver',
  'stepInto',
  'stepOut',
  'continue',
  'toStart',
  'toEnd',
] as const satisfies readonly CommandName[];
const BACKWARD = new Set<string>([
  'reverseContinue',
  'stepBackOut',
  'stepBack',
  'stepBackOver',
  'toStart',
]);

/** Every action by a short name, always up to date with what the session allows. */
export function useActions(): Actions {
  const session = useSession();
  const selection = useSelection();
  const documents = useDocuments();
  const layout = useLayout();
  const place = usePlace();
  const settings = useSettings();
  const breakpoints = useBreakpoints();
  const door = computed(() => session.state?.door ?? 'web');
  const noSession = computed(() => (session.session ? '' : 'No session is open.'));

  function action(id: string, title: string, run: () => void, options: Options = {}): Action {
    const keys = options.keys ?? [];
    return {
      id,
      title,
      keys,
      key: shownKey(keys, door.value),
      palette: true,
      blocked: '',
      ...options,
      run,
    };
  }

  function bench(name: CommandName, run: () => void, options: Options = {}): Action {
    const { id, title, keys } = COMMANDS[name];
    return action(id, title, run, { keys, ...options });
  }

  function blockedMove(name: string): string {
    const now = session.session;
    if (!now) return 'No session is open.';
    if (BACKWARD.has(name)) return now.at === 0 ? 'This is the start of the recording.' : '';
    return now.at >= now.length && !now.running ? 'This is the end of the recording.' : '';
  }

  function blockedTakeOver(): string {
    const now = session.session;
    if (!now) return 'No session is open.';
    if (now.running) return 'The run goes on by itself.';
    if (now.head && now.at === now.length) return 'The run waits for a choice already.';
    return now.runnable ? '' : (now.why_not_runnable ?? 'This recording cannot be gone on with.');
  }

  function moves(): Action[] {
    return MOVES.map((name) =>
      bench(name, () => void session.act(name, {}), { blocked: blockedMove(name) }),
    );
  }

  function panes(): Action[] {
    return (Object.keys(PANE_TITLES) as PaneName[]).map((name) =>
      action(`org.pfnlab.view.${name}`, PANE_TITLES[name], () => layout.toggle(name), {
        checked: layout.isOpen(name),
        blocked: noSession.value,
      }),
    );
  }

  function looks(): Action[] {
    const themes = (Object.keys(THEME_TITLES) as Theme[]).map((theme) =>
      action(
        `org.pfnlab.view.theme.${theme}`,
        THEME_TITLES[theme],
        () => (settings.theme = theme),
        {
          checked: settings.theme === theme,
        },
      ),
    );
    const densities = (['compact', 'comfortable'] as Density[]).map((density) =>
      action(
        `org.pfnlab.view.density.${density}`,
        density === 'compact' ? 'Compact rows' : 'Comfortable rows',
        () => (settings.density = density),
        { checked: settings.density === density },
      ),
    );
    return [...themes, ...densities];
  }

  return computed(() => {
    const needsSession = { blocked: noSession.value };
    const list: Action[] = [
      action('org.pfnlab.place.home', 'Home', () => (place.at = 'home')),
      action('org.pfnlab.place.bench', 'Bench', () => (place.at = 'bench'), needsSession),
      bench('labOpen', () => void documents.chooseAndOpen(), { title: 'Open lab or recording…' }),
      bench('labImport', () => void documents.chooseAndImport(), { title: 'Import a machine…' }),
      bench('sessionSave', () => void documents.save(), needsSession),
      bench('sessionShare', () => void documents.share(), needsSession),
      bench('labText', () => void documents.saveLab(), {
        title: 'Save the lab file as…',
        ...needsSession,
      }),
      bench(
        'sessionClose',
        () => void session.act('sessionClose', {}).then(() => (place.at = 'home')),
        needsSession,
      ),
      action('org.pfnlab.palette.commands', 'Search commands', () => (place.palette = 'commands'), {
        keys: ['$mod+k'],
        palette: false,
      }),
      bench('resolve', () => (place.palette = 'goto'), { title: 'Go to…', ...needsSession }),
      bench('runTo', () => (place.palette = 'runto'), { title: 'Run to…', ...needsSession }),
      bench('scheduleTakeOver', () => void session.act('scheduleTakeOver', {}), {
        blocked: blockedTakeOver(),
      }),
      bench('scheduleResume', () => void session.act('scheduleResume', {}), {
        blocked: session.session?.head ? '' : 'The run does not wait for a choice.',
      }),
      bench('bookmarkAdd', () => void session.act('bookmarkAdd', {}), needsSession),
      action(
        'org.pfnlab.breakpoint.toggle',
        'Break at the function of this step, or no longer',
        () => void breakpoints.toggleFunction(session.session?.fn ?? ''),
        { keys: ['F9'], blocked: session.session?.fn ? '' : 'No step is current.' },
      ),
      action('org.pfnlab.selection.back', 'Select what was selected before', selection.back, {
        keys: ['Alt+Backspace'],
        blocked: selection.link === '' ? 'Nothing is selected.' : '',
      }),
      action('org.pfnlab.view.side', 'Left column', layout.toggleSide, needsSession),
      action('org.pfnlab.view.bottom', 'Bottom panes', layout.toggleBottom, needsSession),
      action('org.pfnlab.view.reset', 'Reset the layout', layout.reset, needsSession),
      ...moves(),
      ...panes(),
      ...looks(),
    ];
    return new Map(list.map((one) => [one.id, one]));
  });
}

/** The id of a bench command, for menus and buttons that name it by its short name. */
export function commandId(name: CommandName): string {
  return COMMANDS[name].id;
}
