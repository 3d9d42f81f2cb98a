import type { Locator, Page } from 'playwright-core';
import { TIMEOUT_MS } from './timeout.ts';

/** Where a session stands, as the window prints it. */
export interface Standing {
  readonly at: number;
  readonly length: number;
  /** The whole state hash. */
  readonly hash: string;
}

const number = (text: string): number => Number(text.replace(/\D/g, ''));

/** The bench: the screen on which a session is stepped and looked at. */
export class BenchPage {
  readonly page: Page;
  readonly tree: Locator;
  readonly current: Locator;
  readonly status: Locator;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(TIMEOUT_MS);
    this.tree = page.getByRole('tree', { name: 'Steps' });
    this.current = this.tree.locator('[aria-current="step"]');
    this.status = page.getByRole('contentinfo');
  }

  /** Waits for an open session whose run has ended and is on disk. */
  async ready(): Promise<void> {
    await this.tree.waitFor();
    await this.status.getByText('saved', { exact: true }).waitFor();
  }

  async standing(): Promise<Standing> {
    const text = await this.status.locator('.position').innerText();
    const [at = '', length = ''] = text.split(' of ');
    const title = await this.status.getByTitle('State hash').getAttribute('title');
    const hash = /State hash ([0-9a-f]+)/.exec(title ?? '')?.[1] ?? '';
    return { at: number(at), length: number(length), hash };
  }

  /** Waits until the status bar says that the session stands at a step. */
  async arrivedAt(step: number): Promise<void> {
    await this.page.waitForFunction((wanted) => {
      const text = document.querySelector('.status-bar .position')?.textContent ?? '';
      return Number((text.split(' of ')[0] ?? '').replace(/\D/g, '')) === wanted;
    }, step);
  }

  /** Runs a command by its title in the command palette. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await this.page.getByRole('combobox', { name: 'Search commands' }).fill(title);
    await this.page.getByRole('option').first().waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** Goes to what somebody types into the go-to box: "pfn 0x100", "step 12". */
  async goTo(text: string): Promise<void> {
    await this.page.keyboard.press('Control+g');
    await this.page.getByRole('combobox', { name: 'Go to' }).fill(text);
    await this.page.getByRole('option').first().waitFor();
    await this.page.keyboard.press('Enter');
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }

  pane(name: string): Locator {
    return this.page.locator(`[data-pane="${name}"]`);
  }
}
