import { createSSRApp, h, ref, type Component } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command } from '../../../../src/shared/bench/command.ts';
import { COMMANDS } from '../../../../src/shared/bench/commands.ts';
import {
  WINDOW_COMMANDS,
  type WindowDeclaration,
} from '../../../../src/shared/bench/window-commands.ts';
import { useActions, type Actions } from '../../../../src/renderer/frame/actions.ts';
import BenchView from '../../../../src/renderer/frame/BenchView.vue';
import { useLayout } from '../../../../src/renderer/frame/layout.ts';
import { menusOf } from '../../../../src/renderer/frame/menus.ts';
import { arrange, definePane, PANES, type Pane } from '../../../../src/renderer/frame/pane.ts';
import PaneFrame from '../../../../src/renderer/frame/PaneFrame.vue';
import { usePlace } from '../../../../src/renderer/frame/place.ts';
import RailNav from '../../../../src/renderer/frame/RailNav.vue';
import { FOUND_PANES } from '../../../../src/renderer/frame/registry.ts';
import { FakeDoor } from '../bench/fake-door.ts';

const shown = ref(true);
const NOTES = definePane({
  id: 'notes',
  title: 'Notes',
  meaning: 'What somebody wrote down.',
  icon: { render: () => h('svg', { class: 'notes-icon' }) },
  region: 'left',
  order: 2.5,
  room: { takes: 'size', start: '120px', least: 60, largest: 300 },
  component: { render: () => h(PaneFrame, null, () => h('p', 'a note')) },
  shown: () => shown,
  commands: () => [
    {
      id: 'org.example.notes.add',
      title: 'Add a note',
      keys: ['n'],
      menu: { in: 'Go', group: 9 },
      run: () => {},
    },
  ],
});

let door: FakeDoor;
let queries: Set<string>;

beforeEach(async () => {
  queries = new Set();
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: queries.has(query),
    addEventListener: () => {},
  }));
  vi.stubGlobal('ResizeObserver', class {});
  vi.stubGlobal('document', { documentElement: { dataset: {} } });
  shown.value = true;
  door = new FakeDoor();
  await door.open();
});
afterEach(() => vi.unstubAllGlobals());

/** A component below a window with these panes, as HTML; with what the window's actions are. */
async function rendered(
  component: Component,
  panes: readonly Pane[],
  before = (): void => {},
): Promise<{ html: string; actions: Actions }> {
  let actions: Actions | undefined;
  const app = createSSRApp({
    setup: () => {
      actions = useActions();
      usePlace().at = 'bench';
      before();
      return () => h(component);
    },
  });
  app.use(door.pinia).provide(PANES, panes);
  const html = await renderToString(app, {});
  if (!actions) throw new Error('nothing was set up');
  return { html, actions };
}

describe('the panes of the window', () => {
  it('are those with a pane.ts in their folder, in the order they are read in', () => {
    expect(FOUND_PANES.map(({ id }) => id)).toEqual([
      ...['machine', 'program', 'actors', 'breakpoints', 'watch'],
      ...['timeline', 'map', 'spaces', 'steps'],
      ...['texts', 'log'],
      'inspector',
    ]);
  });

  it('each bear the name of their folder, a title and a sentence of meaning', () => {
    for (const { id, title, meaning } of FOUND_PANES) {
      expect(id).toMatch(/^[a-z]+$/);
      expect(title).not.toBe('');
      expect(meaning).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('all have an entry in the View menu and in the palette', async () => {
    const { actions } = await rendered({ render: () => null }, FOUND_PANES);
    const menus = menusOf(FOUND_PANES, actions.value);
    const view = menus.find(({ title }) => title === 'View')?.items ?? [];
    for (const { id, title } of FOUND_PANES) {
      expect(view).toContain(`org.pfnlab.view.${id}`);
      expect(actions.value.get(`org.pfnlab.view.${id}`)).toMatchObject({ title, palette: true });
    }
  });

  it('name only actions that exist in the menus', async () => {
    const { actions } = await rendered({ render: () => null }, FOUND_PANES);
    for (const { items } of menusOf(FOUND_PANES, actions.value))
      for (const id of items.filter((item) => item !== ''))
        expect(actions.value.has(id)).toBe(true);
  });

  it('all stand in the frame once there is something to show', async () => {
    const { html } = await rendered(BenchView, FOUND_PANES);
    const seen = [...html.matchAll(/data-pane="(\w+)"/g)].map((match) => match[1]);
    // Nobody has an address space.
    expect(seen).toEqual(FOUND_PANES.map(({ id }) => id).filter((id) => id !== 'spaces'));
  });
});

describe('the commands of the bench', () => {
  const all = Object.entries<Command>(COMMANDS);
  const offered = all.filter(([, { palette, keys, menu }]) => palette || menu || keys.length > 0);

  it.each(offered)(
    '%s is offered under the title, the keys and the menu it declares',
    async (_name, one) => {
      const { actions } = await rendered({ render: () => null }, []);
      const action = actions.value.get(one.id);
      expect(action).toMatchObject({ keys: one.keys, palette: true });
      if (one.palette) expect(action?.title).toBe(one.title);
      const { items = [] } =
        menusOf([], actions.value).find(({ title }) => title === one.menu?.in) ?? {};
      expect(items.includes(one.id)).toBe(one.menu !== undefined);
    },
  );

  it.each(all.filter(([, { goes }]) => goes))(
    '%s is blocked where there is no step that way',
    async (_name, { id, goes }) => {
      const { actions } = await rendered({ render: () => null }, []);
      expect(actions.value.get(id)?.blocked).toBe(
        goes === 'back' ? 'This is the start of the recording.' : '',
      );
    },
  );
});

describe('the commands of the window', () => {
  it.each(Object.entries<WindowDeclaration>(WINDOW_COMMANDS))(
    '%s is offered as it is declared',
    async (_name, one) => {
      const { actions } = await rendered({ render: () => null }, FOUND_PANES);
      const { id, title, keys = [] } = one;
      expect(actions.value.get(id)).toMatchObject({ title, keys });
    },
  );
});

describe('a pane that is added', () => {
  const panes = arrange([NOTES, ...FOUND_PANES]);
  it('stands in the frame between its neighbours, with a line to drag', async () => {
    const { html } = await rendered(BenchView, panes);
    expect(html).toMatch(
      /data-pane="program".*data-pane="notes" aria-label="Notes".*a note.*data-pane="actors"/s,
    );
    expect(html).toContain('aria-label="Height of Notes"');
    expect(html).toMatch(/height:\s?120px/);
  });

  it('leaves the frame when it is closed, and while it has nothing to show', async () => {
    shown.value = false;
    expect((await rendered(BenchView, panes)).html).not.toContain('data-pane="notes"');
    shown.value = true;
    const { html } = await rendered(BenchView, panes, () => useLayout().toggle('notes'));
    expect(html).not.toContain('data-pane="notes"');
  });

  it('has its size and whether it is open kept in the layout', async () => {
    let kept: unknown;
    const { html } = await rendered(BenchView, panes, () => {
      const layout = useLayout();
      layout.restore({ sizes: { notes: 222 }, closed: ['watch'] });
      kept = layout.kept;
    });
    expect(html).toMatch(/height:\s?222px/);
    expect(kept).toEqual({ sizes: { notes: 222 }, closed: ['watch'] });
  });

  it('is in the View menu, and what it offers is in its menu, in the palette and has its key', async () => {
    const { actions } = await rendered({ render: () => null }, panes);
    const menus = menusOf(panes, actions.value);
    const itemsOf = (title: string) => menus.find((menu) => menu.title === title)?.items ?? [];
    const view = itemsOf('View');
    expect(view[view.indexOf('org.pfnlab.view.notes') + 1]).toBe('org.pfnlab.view.actors');
    expect(itemsOf('Go').at(-1)).toBe('org.example.notes.add');
    expect(actions.value.get('org.example.notes.add')).toMatchObject({
      title: 'Add a note',
      key: 'N',
      palette: true,
      blocked: '',
    });
  });

  it('is in the rail where the window is narrow, and only there', async () => {
    expect((await rendered(RailNav, panes)).html).not.toContain('notes-icon');
    queries.add('(max-width: 1179px)');
    await door.open();
    const { html } = await rendered(RailNav, panes);
    expect(html).toMatch(/title="Notes: What somebody wrote down\."/);
    expect(html).toContain('notes-icon');
  });

  it('is refused where another has its id, or a region keeps its size under that name', () => {
    expect(() => arrange([NOTES, NOTES])).toThrow('two panes have the id notes');
    expect(() => arrange([{ ...NOTES, id: 'bottom' }])).toThrow('has the name of a region');
  });
});
