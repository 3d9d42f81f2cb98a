import { computed, inject, type ComputedRef, type InjectionKey } from 'vue';
import type { Command } from '../../shared/bench/command.ts';
import { COMMANDS, type CommandName } from '../../shared/bench/commands.ts';
import { useSelection } from '../bench/selection.ts';
import { useSession } from '../bench/session.ts';
import { shownKey } from '../bench/keys.ts';
import { benchCommand, commandId, viewId, windowCommand, type WindowCommand } from './command.ts';
import { usePlugins } from '../plugins/plugins.ts';
import { useDocuments } from './documents.ts';
import { useLayout } from './layout.ts';
import { usePanes } from './pane.ts';
import { usePlace } from './place.ts';
import { REGION_LIST } from './regions.ts';
import { DENSITIES, THEMES, useSettings } from './settings.ts';

/** Something a user can do, as the menu, the palette, the keys and the buttons offer it. */
export interface Action extends WindowCommand {
  readonly keys: readonly string[];
  /** The one to print. */
  readonly key: string;
  readonly palette: boolean;
  readonly blocked: string;
}

export type Actions = ComputedRef<ReadonlyMap<string, Action>>;

export const ACTIONS: InjectionKey<Actions> = Symbol('actions');

/** The window's actions, in a component below the app. */
export function useWindowActions(): Actions {
  const actions = inject(ACTIONS);
  if (!actions) throw new Error('the window has no actions');
  return actions;
}

const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

/** Every action by a short name, always up to date with what the session allows. */
export function useActions(): Actions {
  const session = useSession();
  const selection = useSelection();
  const documents = useDocuments();
  const plugins = usePlugins();
  const layout = useLayout();
  const place = usePlace();
  const settings = useSettings();
  const panes = usePanes();
  const noSession = computed(() => (session.session ? '' : 'No session is open.'));

  /** Why a command that needs no input cannot be done now; "" when it can. */
  function blocked({ on, goes }: Command): string {
    const now = session.session;
    if (!now) return on === 'session' ? 'No session is open.' : '';
    if (goes === 'back') return now.at === 0 ? 'This is the start of the recording.' : '';
    if (goes === undefined || now.at < now.length || now.running) return '';
    return 'This is the end of the recording.';
  }

  /** The bench's commands that need no input, but for those that somebody offers in an own way. */
  function plain(own: readonly WindowCommand[]): WindowCommand[] {
    const taken = new Set(own.map(({ id }) => id));
    return COMMAND_NAMES.filter(
      (name) => COMMANDS[name].palette && !taken.has(commandId(name)),
    ).map((name) =>
      benchCommand(name, () => void session.act(name, {}), { blocked: blocked(COMMANDS[name]) }),
    );
  }

  function views(): WindowCommand[] {
    return [
      ...panes.map(({ id, title }) => ({
        id: viewId(id),
        title,
        run: () => layout.toggle(id),
        checked: layout.isOpen(id),
      })),
      ...REGION_LIST.flatMap(({ name, region: { toggle } }) =>
        toggle
          ? [{ id: viewId(name), title: toggle.title, run: () => layout.toggleRegion(name) }]
          : [],
      ),
      { id: viewId('reset'), title: 'Reset the layout', run: layout.reset },
    ].map((command) => ({ ...command, blocked: noSession.value }));
  }

  function looks(): WindowCommand[] {
    return [
      ...THEMES.map(({ id, title }) => ({
        id: viewId(`theme.${id}`),
        title,
        run: () => (settings.theme = id),
        checked: settings.theme === id,
      })),
      ...DENSITIES.map(({ id, title }) => ({
        id: viewId(`density.${id}`),
        title,
        run: () => (settings.density = id),
        checked: settings.density === id,
      })),
    ];
  }

  return computed(() => {
    const needsSession = { blocked: noSession.value };
    const own: WindowCommand[] = [
      windowCommand('home', () => (place.at = 'home')),
      windowCommand('bench', () => (place.at = 'bench'), needsSession),
      windowCommand('plugins', () => (place.at = 'plugins')),
      benchCommand('pluginInstall', () => void plugins.chooseFile(), {
        title: 'Install a plugin (.tgz)…',
      }),
      windowCommand('installFolder', () => void plugins.chooseFolder()),
      benchCommand(
        'pluginName',
        () => {
          plugins.naming = true;
          place.at = 'plugins';
        },
        { title: 'Develop a plugin in its folder…' },
      ),
      windowCommand('runAgain', () => void documents.runAgain(), needsSession),
      benchCommand('labOpen', () => void documents.chooseAndOpen(), {
        title: 'Open lab or recording…',
      }),
      benchCommand('labImport', () => void documents.chooseAndImport(), {
        title: 'Import a machine…',
      }),
      benchCommand('sessionSave', () => void documents.save(), needsSession),
      benchCommand('sessionShare', () => void documents.share(), needsSession),
      benchCommand('labText', () => void documents.saveLab(), {
        title: 'Save the lab file as…',
        ...needsSession,
      }),
      benchCommand(
        'sessionClose',
        () => void session.act('sessionClose', {}).then(() => (place.at = 'home')),
        needsSession,
      ),
      windowCommand('palette', () => (place.palette = 'commands'), { palette: false }),
      benchCommand('resolve', () => (place.palette = 'goto'), {
        title: 'Go to…',
        ...needsSession,
      }),
      benchCommand('runTo', () => (place.palette = 'runto'), {
        title: 'Run to…',
        ...needsSession,
      }),
      windowCommand('copyCsv', () => (place.palette = 'csv'), needsSession),
      windowCommand('copyJson', () => (place.palette = 'json'), needsSession),
      windowCommand('selectBefore', selection.back, {
        blocked: selection.link === '' ? 'Nothing is selected.' : '',
      }),
    ];
    const theirs = panes.flatMap(({ commands }) => commands?.() ?? []);
    const list = [...own, ...plain([...own, ...theirs]), ...theirs, ...views(), ...looks()];
    return new Map(
      list.map((command) => {
        const { keys = [], palette = true, blocked = '' } = command;
        const key = shownKey(keys, session.state?.door ?? 'web');
        return [command.id, { ...command, keys, key, palette, blocked }];
      }),
    );
  });
}
