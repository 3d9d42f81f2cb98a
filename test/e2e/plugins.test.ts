import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  tempFolder,
  toyFiles,
  toyFolder,
  toyLab,
  toyPacked,
  writeFiles,
} from '../unit/bench/plugins/toys.ts';
import { launchChromium, type Browser } from './chromium.ts';
import { dataFolder, startWebDoor, type Door } from './door.ts';
import { BenchPage } from './pages/bench.ts';
import { PluginsPage } from './pages/plugins.ts';
import { WelcomePage } from './pages/welcome.ts';

describe('hardware models of others', () => {
  let browser: Browser;
  let data: ReturnType<typeof dataFolder>;
  let door: Door;
  let plugins: PluginsPage;
  let welcome: WelcomePage;
  let bench: BenchPage;

  beforeAll(async () => {
    browser = await launchChromium();
    plugins = new PluginsPage(browser.page);
    welcome = new WelcomePage(browser.page);
    bench = new BenchPage(browser.page);
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    data = dataFolder();
    door = await startWebDoor(data.path);
    await browser.page.goto(door.address);
    await welcome.ready();
  });
  afterEach(async () => {
    await door?.close();
    data.remove();
  });

  const openToyLab = (lab = toyLab()): Promise<void> =>
    welcome.openFile({
      name: 'toy.lab.yaml',
      mimeType: 'text/yaml',
      buffer: Buffer.from(lab, 'utf8'),
    });
  const toTheEnd = async (): Promise<void> => {
    await bench.ready();
    await bench.command('Go to the end');
  };
  /** What the toy's register holds at the step the session stands at. */
  const register = async (): Promise<string> => {
    await bench.pane('machine').getByText('toy0').first().click();
    return bench.pane('inspector').locator('[data-watch^="registers."] .value').innerText();
  };

  it('says what a dropped plugin is and asks for, and runs it once it is trusted', async () => {
    const file = join(tempFolder('packed'), 'toy.tgz');
    writeFileSync(file, toyPacked());
    await plugins.drop(file);
    const { question } = plugins;
    await question.waitFor();
    for (const part of ['Toy 1', 'A. Author (as it says itself)', 'MIT', 'org.example.toy 1.0.0'])
      await question.getByText(part).first().waitFor();
    expect(await question.locator('.hash').innerText()).toMatch(/^[0-9a-f\s]{64,}$/);
    await plugins.answer('Do not run it');

    await browser.page.getByRole('button', { name: 'Home' }).click();
    await openToyLab();
    await question.waitFor();
    await plugins.answer('Trust it');
    await toTheEnd();
    expect(await register()).toBe('1');
  });

  it('takes a folder that is dropped', async () => {
    const folder = toyFolder({ answer: 4 });
    writeFiles(folder, { '.git/config': '', 'node_modules/x/index.js': '' });
    await plugins.drop(folder);
    await plugins.answer('Trust it');
    await browser.page.getByRole('button', { name: 'Home' }).click();
    await openToyLab();
    await toTheEnd();
    expect(await register()).toBe('4');
  });

  it('draws a title as text on one line, whatever stands in it', async () => {
    const files = toyFiles({});
    const manifest = JSON.parse(files['pfnlab-plugin.json']) as Record<string, unknown>;
    manifest['title'] = 'Safe \u202egnp <img src=x onerror="document.title=1">';
    const folder = writeFiles(toyFolder(), {
      ...files,
      'pfnlab-plugin.json': JSON.stringify(manifest),
    });
    await plugins.show();
    await plugins.develop(folder);
    const title = browser.page.getByRole('heading', { name: /^Safe/ });
    expect(await title.innerText()).toBe('Safe \ufffdgnp <img src=x onerror="document.title=1">');
    expect(await browser.page.locator('.plugins img').count()).toBe(0);
  });

  it('runs the new code of a plugin under development once it is saved', async () => {
    const folder = toyFolder();
    await plugins.show();
    await plugins.develop(folder);
    await browser.page.getByRole('button', { name: 'Home' }).click();
    await openToyLab();
    await toTheEnd();
    expect(await register()).toBe('1');

    writeFiles(folder, toyFiles({ answer: 2 }));
    await browser.page.getByText('has changed since this run').waitFor();
    expect(await register()).toBe('1');
    await browser.page.getByRole('button', { name: 'Run again' }).click();
    await browser.page.getByText('has changed since this run').waitFor({ state: 'hidden' });
    expect(await register()).toBe('2');

    writeFiles(folder, { 'index.js': 'export const models = {' });
    await browser.page.getByRole('button', { name: 'Run again' }).click();
    await bench
      .pane('log')
      .getByRole('tab', { name: /^Problems/ })
      .click();
    await bench.pane('log').getByText('its plugin does not load').waitFor();
    expect(await register()).toBe('2');

    writeFiles(folder, { 'pfnlab-plugin.json': '{' });
    await browser.page.getByText('does not load as it was saved').waitFor();
    writeFiles(folder, toyFiles({ answer: 3 }));
    await browser.page.getByText('does not load as it was saved').waitFor({ state: 'hidden' });
    await browser.page.getByLabel('run again on every save').check();
    await browser.page.getByRole('button', { name: 'Run again' }).click();
    await browser.page.getByText('has changed since this run').waitFor({ state: 'hidden' });
    expect(await register()).toBe('3');
    rmSync(folder, { recursive: true });
  });

  it('says what a lab needs that is not here, and opens it without', async () => {
    await openToyLab(toyLab('{ id: org.example.toy, version: ^1.2 }'));
    const page = browser.page.getByRole('region', { name: 'toy.lab.yaml needs what is not here' });
    await page.getByText('org.example.toy ^1.2').waitFor();
    await page.getByText('toy0').waitFor();
    await page.getByRole('button', { name: 'Run without' }).click();
    await bench.ready();
    await bench.pane('log').getByText('Problems').click();
    await bench.pane('log').getByText('toy0 is left out').waitFor();
  });

  it('installs the folder a lab misses, and runs it', async () => {
    await openToyLab();
    await browser.page.getByRole('button', { name: 'Install folder…' }).waitFor();
    await plugins.installFolder(toyFolder({ answer: 7 }));
    await plugins.answer('Trust it');
    await browser.page.getByRole('button', { name: 'Home' }).click();
    await browser.page.getByRole('button', { name: 'Try again' }).click();
    await toTheEnd();
    expect(await register()).toBe('7');
  });
});
