import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, type Browser } from './chromium.ts';
import { dataFolder, startWebDoor, type Door } from './door.ts';
import { BenchPage, type Standing } from './pages/bench.ts';
import { WelcomePage } from './pages/welcome.ts';

const captures = join(
  dirname(dirname(fileURLToPath(import.meta.url))),
  'fixtures/captures/boot-logs',
);
const FILES = ['dmesg', 'iomem'].map((kind) => join(captures, `b-pci-hole-4g-6.12.${kind}.txt`));

describe('an imported machine in the window', () => {
  const data = dataFolder();
  let door: Door;
  let browser: Browser;
  let welcome: WelcomePage;
  let bench: BenchPage;
  let saved: Standing;
  const faults: string[] = [];

  beforeAll(async () => {
    door = await startWebDoor(data.path);
    browser = await launchChromium();
    welcome = new WelcomePage(browser.page);
    bench = new BenchPage(browser.page);
    browser.page.on('pageerror', (error) => faults.push(error.message));
    browser.page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await browser.page.goto(door.address);
    await welcome.ready();
  });
  afterAll(async () => {
    await browser?.close();
    await door?.close();
    data.remove();
  });

  it('is imported from its boot log and /proc/iomem, and opens as a recorded run', async () => {
    await welcome.importFiles(FILES);
    await welcome.openImported();
    await bench.ready();
    const { length } = await bench.standing();
    expect(length).toBeGreaterThan(100);
  });

  it('steps to the end and one step back, changing the state hash and bringing it back', async () => {
    const { length } = await bench.standing();
    await bench.command('Go to the end');
    await bench.arrivedAt(length);
    const end = await bench.standing();
    expect(end.hash).toMatch(/^[0-9a-f]{32}$/);

    await bench.press('Control+F11');
    await bench.arrivedAt(length - 1);
    const before = await bench.standing();
    await bench.press('F11');
    await bench.arrivedAt(length);
    expect((await bench.standing()).hash).toBe(end.hash);
    await bench.press('Control+F11');
    await bench.arrivedAt(length - 1);
    expect((await bench.standing()).hash).toBe(before.hash);
  });

  it('marks the current step in the tree and announces it', async () => {
    const { at } = await bench.standing();
    await bench.current.waitFor();
    expect(await bench.current.locator('.number').innerText()).toBe(String(at));
    const announced = await browser.page.locator('[aria-live="polite"]').innerText();
    expect(announced).toMatch(new RegExp(`^step ${at}, \\w+, \\d+ changes?$`));
  });

  it('shows the kernel files of the machine as that kernel prints them', async () => {
    const texts = bench.pane('texts');
    await texts.getByText('System RAM').first().waitFor();
    await texts.getByRole('tab', { name: 'zoneinfo' }).click();
    await texts.getByText('Node 0, zone      DMA', { exact: true }).first().waitFor();
  });

  it('inspects the page that the go-to box is given', async () => {
    await bench.goTo('pfn 0x1000');
    const inspector = bench.pane('inspector');
    await inspector.getByText('struct page').first().waitFor();
    await inspector.getByText('DMA32').first().waitFor();
  });

  it('reopens at the same step with the same hash after the window is loaded again', async () => {
    await bench.goTo('step 40');
    await bench.arrivedAt(40);
    await bench.press('Control+s');
    saved = await bench.standing();
    await browser.page.reload();
    await bench.ready();
    expect(await bench.standing()).toEqual(saved);
  });

  it('reopens at the same step with the same hash after the program was ended', async () => {
    await door.close();
    door = await startWebDoor(data.path);
    await browser.page.goto(door.address);
    await welcome.ready();
    await welcome.recent('b-pci-hole').locator('.open').click();
    await bench.ready();
    expect(await bench.standing()).toEqual(saved);
  });

  it('came through all of this without an error in the console', () => {
    expect(faults.filter((text) => !text.includes('WebSocket connection'))).toEqual([]);
  });
});
