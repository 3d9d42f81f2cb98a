import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, type Browser } from './chromium.ts';
import { dataFolder, startWebDoor, type Door } from './door.ts';
import { BenchPage } from './pages/bench.ts';
import { WelcomePage } from './pages/welcome.ts';

/** What a window asks the bench over its socket from now on, and how much of it is unanswered. */
function questionsOf(page: Page): { asked: string[]; unanswered: () => number } {
  const asked: string[] = [];
  const open = new Set<number>();
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const { id, command, input } = JSON.parse(String(payload));
      asked.push(`${command} ${JSON.stringify(input)}`);
      open.add(id);
    });
    socket.on('framereceived', ({ payload }) => open.delete(JSON.parse(String(payload)).id));
  });
  return { asked, unanswered: () => open.size };
}

describe('stepping by keyboard', () => {
  const data = dataFolder();
  let door: Door;
  let browser: Browser;
  let bench: BenchPage;
  let questions: ReturnType<typeof questionsOf>;

  beforeAll(async () => {
    door = await startWebDoor(data.path);
    browser = await launchChromium();
    questions = questionsOf(browser.page);
    const welcome = new WelcomePage(browser.page);
    bench = new BenchPage(browser.page);
    await browser.page.goto(door.address);
    await welcome.ready();
    await welcome.openGuided('fsdax namespace');
    await bench.ready();
    await bench.arrivedAt(0);
  });
  afterAll(async () => {
    await browser?.close();
    await door?.close();
    data.remove();
  });

  it('goes one step with the arrows of the tree', async () => {
    await bench.tree.focus();
    await bench.press('ArrowRight');
    await bench.arrivedAt(1);
    await bench.press('ArrowRight');
    await bench.arrivedAt(2);
    await bench.press('ArrowLeft');
    await bench.arrivedAt(1);
  });

  it('asks the bench once for each view of a step, and nothing when it goes back', async () => {
    const { asked, unanswered } = questions;
    const settled = (): Promise<unknown> => expect.poll(unanswered).toBe(0);
    await bench.goTo('memremap_pages');
    await bench.goTo('pfn 0x101200');
    await bench.pane('inspector').getByText('struct page').first().waitFor();
    await settled();
    const { at } = await bench.standing();

    asked.length = 0;
    await bench.press('F11');
    await bench.arrivedAt(at + 1);
    await settled();
    const views = asked.filter((question) => !question.startsWith('stepInto'));
    expect(views).toEqual([...new Set(views)]);
    expect(views.map((question) => question.split(' ')[0])).toEqual(
      expect.arrayContaining(['machine', 'map', 'lanes', 'text', 'page', 'vars', 'log', 'actors']),
    );

    asked.length = 0;
    await bench.press('Alt+ArrowLeft');
    await bench.arrivedAt(at);
    await settled();
    expect(asked).toEqual(['stepBack {}']);
  });

  it('stops at the function a breakpoint was set on with F9, forward and back', async () => {
    await bench.goTo('memremap_pages');
    await browser.page.waitForFunction(
      () =>
        document
          .querySelector('[role="tree"] [aria-current="step"] .fn')
          ?.textContent?.includes('memremap_pages') ?? false,
    );
    const { at } = await bench.standing();
    await bench.tree.focus();
    await bench.press('F9');
    await bench.pane('breakpoints').getByText('memremap_pages').waitFor();

    await bench.command('Go to the start');
    await bench.arrivedAt(0);
    await bench.press('F8');
    await bench.arrivedAt(at);
    await bench.command('Go to the end');
    await bench.press('Control+F8');
    await bench.arrivedAt(at);
  });

  it('opens and closes a call with the space bar', async () => {
    await bench.tree.focus();
    const open = await bench.current.getAttribute('aria-expanded');
    await bench.press('Space');
    const turned = open === 'true' ? 'false' : 'true';
    await bench.tree.locator(`[aria-current="step"][aria-expanded="${turned}"]`).waitFor();
  });

  it('hides steps without changes when asked', async () => {
    await bench.command('Go to the end');
    await browser.page.getByRole('button', { name: 'program', exact: true }).click();
    const expectations = bench.tree.getByRole('treeitem').filter({ hasText: 'expect()' });
    await expectations.first().waitFor();
    await browser.page.getByRole('button', { name: 'Changes only' }).click();
    await expectations.first().waitFor({ state: 'detached' });
    await bench.tree.getByRole('treeitem').filter({ hasText: 'create-namespace' }).waitFor();
  });

  it('breaks on a value from its menu, and stops at the step that wrote it', async () => {
    const { page } = browser;
    await bench.command('Go to the end');
    await bench.goTo('pfn 0x1000');
    const row = bench.pane('inspector').getByRole('row').filter({ hasText: 'Device' }).first();
    await row.getByRole('cell').nth(2).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Break when it changes' }).click();
    await bench.pane('breakpoints').getByText('zones.4.spanned_pages').waitFor();
    await page.keyboard.press('Control+F8');
    await page.waitForFunction(
      () =>
        document
          .querySelector('[role="tree"] [aria-current="step"] .fn')
          ?.textContent?.includes('resize_zone_range') ?? false,
    );
  });
});

describe('files that are no lab', () => {
  const data = dataFolder();
  let door: Door;
  let browser: Browser;
  let welcome: WelcomePage;

  beforeAll(async () => {
    door = await startWebDoor(data.path);
    browser = await launchChromium();
    welcome = new WelcomePage(browser.page);
    await browser.page.goto(door.address);
    await welcome.ready();
  });
  afterAll(async () => {
    await browser?.close();
    await door?.close();
    data.remove();
  });

  it('shows each problem of a lab file with its line and column', async () => {
    const text = 'pfnlab: 1\ntitle: typo\nkernal: { version: "6.12" }\n';
    await welcome.openFile({
      name: 'typo.lab.yaml',
      mimeType: 'text/yaml',
      buffer: Buffer.from(text),
    });
    const problem = browser.page.getByRole('alert').filter({ hasText: 'typo.lab.yaml:3:1' });
    await problem.first().waitFor();
  });

  it('says what is wrong with a recording that is none', async () => {
    await welcome.openFile({
      name: 'noise.pfnlab',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('this is not a database'),
    });
    await browser.page.getByRole('alert').filter({ hasText: 'noise.pfnlab' }).first().waitFor();
  });
});
