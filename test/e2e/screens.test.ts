import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, type Browser } from './chromium.ts';
import { dataFolder, startWebDoor, type Door } from './door.ts';
import { differenceFromGolden, goldensOf, TOLERANCE, writeGolden } from './goldens.ts';
import { BenchPage } from './pages/bench.ts';
import { WelcomePage } from './pages/welcome.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = join(root, 'out', 'screenshots');
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
] as const;

/** Elements that stick out of the window, where nothing can scroll to them. */
function sticksOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth + 1;
    const high = document.documentElement.clientHeight + 1;
    return [...document.querySelectorAll('.window > *, [data-pane], [data-pane] header')]
      .filter((element) => element.getBoundingClientRect().width > 1)
      .filter((element) => {
        const box = element.getBoundingClientRect();
        return box.right > wide || box.bottom > high || box.left < -1 || box.top < -1;
      })
      .map((element) => element.className);
  });
}

/** Screens that are compared with pictures of them. */
const COMPARED = ['welcome-frame', 'bench-device-page'];

describe.each(['dark', 'light', 'contrast'] as const)('every screen in the %s theme', (theme) => {
  const data = dataFolder();
  let door: Door;
  let browser: Browser;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    door = await startWebDoor(data.path);
    browser = await launchChromium({ theme });
    await browser.page.goto(door.address);
  });
  afterAll(async () => {
    await browser?.close();
    await door?.close();
    data.remove();
  });

  const fileOf = (name: string, { width, height }: (typeof SIZES)[number]): string =>
    `${name}-${width}x${height}-${theme}.png`;

  /** @param hidden what is covered in the picture: what changes with every lab that is added */
  async function shoot(name: string, ...hidden: Locator[]): Promise<void> {
    for (const size of SIZES) {
      await browser.page.setViewportSize(size);
      // The fonts, and two frames: one to lay out, one to draw the canvases.
      await browser.page.evaluate(async () => {
        await document.fonts.ready;
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      });
      expect(await sticksOut(browser.page)).toEqual([]);
      await browser.page.screenshot({
        path: join(folder, fileOf(name, size)),
        caret: 'hide',
        mask: hidden,
        maskColor: '#808080',
      });
    }
    await browser.page.setViewportSize(SIZES[0]);
  }

  it('fits the window and is kept as a picture for review', async () => {
    const { page } = browser;
    const welcome = new WelcomePage(page);
    const bench = new BenchPage(page);
    await welcome.ready();
    await page.locator('.lab').first().waitFor();
    await shoot('welcome-first');
    await shoot('welcome-frame', page.getByRole('region', { name: 'Guided labs' }));

    await welcome.importFiles([
      join(root, 'test/fixtures/captures/boot-logs/b-pci-hole-4g-6.12.dmesg.txt'),
    ]);
    await shoot('welcome-imported');
    await page.getByRole('button', { name: 'Dismiss the import' }).click();

    await welcome.openGuided('fsdax namespace');
    await bench.ready();
    await bench.goTo('__init_zone_device_page');
    await bench.current.waitFor();
    await bench.goTo('pfn 0x101200');
    await bench.pane('inspector').getByText('struct page').first().waitFor();
    await shoot('bench-device-page');

    await bench.pane('inspector').getByText('_refcount').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Copy Pages as CSV' }).waitFor();
    await shoot('value-menu');
    await page.keyboard.press('Escape');

    await bench.command('Go to the end');
    await bench.goTo('section 32');
    await shoot('bench-end');

    await page.keyboard.press('Control+k');
    await page.getByRole('option').first().waitFor();
    await shoot('palette');
    await page.keyboard.press('Escape');

    await page.getByRole('menuitem', { name: 'View' }).click();
    await page.getByRole('menu').waitFor();
    await shoot('menu');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Home' }).click();
    await welcome.recent('fsdax namespace').waitFor();
    await shoot('welcome-recent');

    await welcome.openGuided('fork shares pages');
    await bench.ready();
    await bench.goTo('wp_page_copy');
    await bench.pane('spaces').getByText('anonymous').first().waitFor();
    await shoot('bench-spaces');
  });

  it('is drawn in the fonts that ship', async () => {
    const loaded = await browser.page.evaluate(() =>
      [...document.fonts].filter(({ status }) => status === 'loaded').map(({ family }) => family),
    );
    expect(loaded.sort()).toEqual(['Inter', 'JetBrains Mono']);
  });

  const compared = COMPARED.flatMap((name) => SIZES.map((size) => fileOf(name, size)));
  it.for(compared)('looks like %s', (file, { skip }) => {
    if (process.env['PFNLAB_GOLDENS'] === 'write') writeGolden(join(folder, file), browser.major);
    const drawnBy = goldensOf();
    if (!drawnBy.includes(browser.major)) {
      skip(`the pictures are of Chromium ${drawnBy.join(', ')}, this one is ${browser.major}`);
    }
    const difference = differenceFromGolden(join(folder, file), browser.major);
    expect(difference).toBeLessThanOrEqual(TOLERANCE);
  });
});
