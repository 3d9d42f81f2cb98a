import type { Locator, Page } from 'playwright-core';
import { TIMEOUT_MS } from './timeout.ts';

/** The screen that opens, imports and lists. */
export class WelcomePage {
  readonly page: Page;
  readonly title: Locator;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(TIMEOUT_MS);
    this.title = page.getByRole('heading', { name: 'Lab bench for physical memory' });
  }

  async ready(): Promise<void> {
    await this.title.waitFor();
  }

  /** Chooses files of a real machine in the file dialog that Import opens. */
  async importFiles(paths: readonly string[]): Promise<void> {
    const dialog = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: /^Import/ }).click();
    await (await dialog).setFiles([...paths]);
    await this.page.getByRole('button', { name: 'Open the lab' }).waitFor();
  }

  async openImported(): Promise<void> {
    await this.page.getByRole('button', { name: 'Open the lab' }).click();
  }

  async openGuided(title: string): Promise<void> {
    await this.page.getByLabel('Filter guided labs').fill(title);
    await this.page.locator('.lab', { hasText: title }).click();
  }

  /** Chooses a lab or a recording in the file dialog. */
  async openFile(file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    const dialog = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: /^Open lab or recording/ }).click();
    await (await dialog).setFiles(file);
  }

  recent(title: string): Locator {
    return this.page.locator('.entry', { hasText: title });
  }
}
