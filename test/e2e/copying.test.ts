import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, type Browser } from './chromium.ts';
import { dataFolder, startWebDoor, type Door } from './door.ts';
import { BenchPage } from './pages/bench.ts';
import { WelcomePage } from './pages/welcome.ts';

describe('copying tables', () => {
  const data = dataFolder();
  let door: Door;
  let browser: Browser;
  let bench: BenchPage;

  beforeAll(async () => {
    door = await startWebDoor(data.path);
    browser = await launchChromium();
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const welcome = new WelcomePage(browser.page);
    bench = new BenchPage(browser.page);
    await browser.page.goto(door.address);
    await welcome.ready();
    await welcome.openGuided('fsdax namespace');
    await bench.ready();
    await bench.command('Go to the end');
  });
  afterAll(async () => {
    await browser?.close();
    await door?.close();
    data.remove();
  });

  const copied = (): Promise<string> => browser.page.evaluate(() => navigator.clipboard.readText());

  it('copies the tables of a pane from its menu', async () => {
    await bench.pane('watch').getByTitle('max_pfn', { exact: true }).click({ button: 'right' });
    await browser.page.getByRole('menuitem', { name: 'Copy Kernel variables as CSV' }).click();
    await expect.poll(copied).toMatch(/^name,value\r?\n/);
    expect(await copied()).toMatch(/^max_pfn,\d+\r?$/m);
  });

  it('copies any table from the palette', async () => {
    await bench.command('Copy a table as JSON');
    await browser.page.getByRole('combobox', { name: 'Copy a table as JSON' }).fill('zones');
    await browser.page.getByRole('option', { name: /^Zones: / }).click();
    await expect.poll(copied).toContain('"zone_start_pfn"');
    const zones = JSON.parse(await copied()) as { name: string; spanned_pages: number }[];
    expect(zones.map(({ name }) => name)).toContain('DMA32');
  });
});
