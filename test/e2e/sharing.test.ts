import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.ts';
import { dataFolder, startWebDoor } from './door.ts';
import { BenchPage, type Standing } from './pages/bench.ts';
import { WelcomePage } from './pages/welcome.ts';

type Close = () => void | Promise<void>;

describe('a session shared as one file', () => {
  const closers: Close[] = [];
  let shared: { name: string; buffer: Buffer };
  let standing: Standing;

  /** A program with a library of its own, and a browser that never saw another. */
  async function somebody(): Promise<{ welcome: WelcomePage; bench: BenchPage }> {
    const data = dataFolder();
    closers.push(data.remove);
    const door = await startWebDoor(data.path);
    closers.push(door.close);
    const browser = await launchChromium();
    closers.push(browser.close);
    await browser.page.goto(door.address);
    const welcome = new WelcomePage(browser.page);
    await welcome.ready();
    return { welcome, bench: new BenchPage(browser.page) };
  }

  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  it('is downloaded from the window, with its place, breakpoints, layout and selection', async () => {
    const { welcome, bench } = await somebody();
    await welcome.openGuided('two nodes around the PCI hole');
    await bench.ready();
    await bench.goTo('sparse_init');
    await bench.current.waitFor();
    await bench.press('F9');
    await bench.pane('breakpoints').getByText('sparse_init').waitFor();
    await bench.goTo('pfn 0x1000');
    await bench.page.getByRole('button', { name: 'Right column' }).click();
    await bench.pane('inspector').waitFor({ state: 'detached' });
    standing = await bench.standing();

    const download = bench.page.waitForEvent('download');
    await bench.press('Control+Shift+S');
    const file = await download;
    const path = await file.path();
    shared = { name: file.suggestedFilename(), buffer: readFileSync(path) };
    expect(basename(shared.name)).toMatch(/\.pfnlab$/);
    expect(shared.buffer.subarray(0, 15).toString()).toBe('SQLite format 3');
  });

  it('opens elsewhere at the same step with the same hash, breakpoints, layout and selection', async () => {
    const { welcome, bench } = await somebody();
    await welcome.openFile({ ...shared, mimeType: 'application/octet-stream' });
    await bench.ready();
    expect(await bench.standing()).toEqual(standing);
    await bench.pane('breakpoints').getByText('sparse_init').waitFor();
    expect(await bench.pane('inspector').count()).toBe(0);
    await bench.page.getByRole('button', { name: 'Right column' }).click();
    await bench.pane('inspector').getByText('struct page').first().waitFor();
  });
});
