import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, type Browser } from './chromium.ts';
import { dataFolder, startWebDoor, type Door } from './door.ts';
import { BenchPage } from './pages/bench.ts';
import { WelcomePage } from './pages/welcome.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = join(root, 'out', 'screenshots');

/** Two writers of the memory hotplug lock; the second can only wait for the first. */
const LAB = `pfnlab: 1
title: two memory blocks go offline at once
kernel: { version: "6.12", arch: x86_64, model: sparsemem-vmemmap }
machine:
  cpu: { phys_bits: 40, hypervisor: true }
  memory:
    - { start: 0x0, end: 0x9fbff, type: usable }
    - { start: 0x100000, end: 0x3fffffff, type: usable }
program:
  - boot
  - concurrently:
      - { actor: admin, do: offline, block: 1 }
      - { actor: udev, do: offline, block: 2 }
`;

describe.each(['dark', 'light'] as const)('choosing who steps, in the %s theme', (theme) => {
  const data = dataFolder();
  let door: Door;
  let browser: Browser;
  let bench: BenchPage;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    door = await startWebDoor(data.path);
    browser = await launchChromium({ theme });
    bench = new BenchPage(browser.page);
    await browser.page.goto(door.address);
    const welcome = new WelcomePage(browser.page);
    await welcome.ready();
    await welcome.openFile({
      name: 'blocks.lab.yaml',
      mimeType: 'text/yaml',
      buffer: Buffer.from(LAB),
    });
    await bench.ready();
  });
  afterAll(async () => {
    await browser?.close();
    await door?.close();
    data.remove();
  });

  const shoot = (name: string) =>
    browser.page.screenshot({ path: join(folder, `${name}-${theme}.png`) });

  it('takes a run over, lets actors go on, and shows what each waits for', async () => {
    const { page } = browser;
    const actors = bench.pane('actors');
    await page.setViewportSize({ width: 1440, height: 900 });
    await bench.goTo('offline');
    await page.waitForFunction(() =>
      document.querySelector('[aria-current="step"] .fn')?.textContent?.includes('offline'),
    );
    const at = (await bench.standing()).at - 1;
    await bench.press('Alt+ArrowLeft');
    await bench.arrivedAt(at);
    await actors.getByRole('button', { name: 'Choose who steps from here' }).click();
    const admin = actors.locator('[data-actor="admin"]');
    const udev = actors.locator('[data-actor="udev"]');
    await admin.getByRole('button', { name: 'admin makes the next step' }).click();
    await bench.arrivedAt(at + 1);
    await shoot('actors-offered');

    for (let step = at + 2; !(await admin.getByText('mem_hotplug_lock').isVisible()); step += 1) {
      await admin.getByRole('button', { name: 'admin makes the next step' }).click();
      await bench.arrivedAt(step);
    }
    await udev.getByRole('button', { name: 'udev goes on as far as it can' }).click();
    await udev.getByText('waits for').waitFor();
    expect(await udev.getByText('which').innerText()).toContain('admin holds');
    expect(await udev.getByRole('button', { name: /next step/ }).count()).toBe(0);
    await shoot('actors-blocked');

    const before = await bench.standing();
    await bench.press('Alt+ArrowLeft');
    await bench.arrivedAt(before.at - 1);
    await bench.command('Go to the end');
    await bench.arrivedAt(before.at);
    await bench.command('Let the program go on by itself');
    await page.waitForFunction((past) => {
      const text = document.querySelector('.status-bar .position')?.textContent ?? '';
      return Number((text.split(' of ')[0] ?? '').replace(/\D/g, '')) > past;
    }, before.at);
    await shoot('actors-end');
  });

  it('marks the step that breaks an invariant, and leads to it from the status bar', async () => {
    const { page } = browser;
    await page.getByRole('button', { name: 'Home' }).click();
    await new WelcomePage(page).openGuided('the core waits for nothing');
    await bench.ready();
    await bench.arrivedAt(0);
    await bench.status.getByText('freed-memmap-referenced').last().click();
    const { length } = await bench.standing();
    await bench.arrivedAt(length);
    await bench.current.getByText('freed-memmap-referenced').waitFor();
    await bench.pane('inspector').getByRole('tab', { name: 'Step' }).click();
    await bench.pane('inspector').getByText('the memmap of pfn 0x100400 goes away').waitFor();
    await shoot('invariant-broken');
  });
});
