import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, type Browser } from './chromium.ts';
import { dataFolder, startWebDoor, type Door } from './door.ts';
import { BenchPage } from './pages/bench.ts';
import { WelcomePage } from './pages/welcome.ts';

/** First data page of the namespace of the first guided lab. */
const DATA_PAGE = '0x101200';

describe('the physical memory map by keyboard', () => {
  const data = dataFolder();
  let door: Door;
  let browser: Browser;
  let bench: BenchPage;

  beforeAll(async () => {
    door = await startWebDoor(data.path);
    browser = await launchChromium();
    const welcome = new WelcomePage(browser.page);
    bench = new BenchPage(browser.page);
    await browser.page.goto(door.address);
    await welcome.ready();
    await welcome.openGuided('fsdax namespace');
    await bench.ready();
    await bench.goTo('memmap_init_zone_device');
    await bench.goTo(`pfn ${DATA_PAGE}`);
    await browser.page.getByRole('application').focus();
  });
  afterAll(async () => {
    await browser?.close();
    await door?.close();
    data.remove();
  });

  const map = () => bench.pane('map');

  it('goes from the whole machine to the selected page, and back', async () => {
    await map().getByText('gaps folded').waitFor();
    await bench.press('f');
    await map().getByText('in view').waitFor();
    for (let turn = 0; turn < 8; turn += 1) await bench.press('+');
    await map().getByText(`pfn ${DATA_PAGE} in view`).waitFor();
    await bench.press('Home');
    await map().getByText('gaps folded').waitFor();
  });

  it('selects the next block of a tier', async () => {
    const footer = map().locator('footer');
    await footer.getByText('section 32').waitFor();
    await bench.press('ArrowRight');
    await footer.getByText('section 33').waitFor();
    await bench.press('ArrowLeft');
    await footer.getByText('section 32').waitFor();
  });

  it('has a table with the same blocks', async () => {
    await map().getByRole('button', { name: 'Show as a table' }).click();
    const rows = map().getByRole('row');
    await rows.filter({ hasText: 'namespace0.0' }).first().waitFor();
    const sections = await rows.filter({ hasText: /^section/ }).count();
    expect(sections).toBeGreaterThan(0);
    await map().getByRole('button', { name: 'Show as a table' }).click();
  });
});
