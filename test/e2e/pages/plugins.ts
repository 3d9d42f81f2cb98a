import type { Locator, Page } from 'playwright-core';
import { TIMEOUT_MS } from './timeout.ts';

/** The hardware models of the window: the list, what each is, and the question before the first run. */
export class PluginsPage {
  readonly page: Page;
  readonly question: Locator;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(TIMEOUT_MS);
    this.question = page.getByRole('dialog', { name: /^Trust the plugin/ });
  }

  async show(): Promise<void> {
    await this.page.getByRole('button', { name: 'Hardware models', exact: true }).click();
    await this.page.getByRole('heading', { name: 'Hardware models' }).waitFor();
  }

  /** Drops a file or a folder of this machine onto the window, as a file manager does. */
  async drop(path: string): Promise<void> {
    const client = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await client.send('Input.dispatchDragEvent', { type, x: 500, y: 300, data });
    await client.detach();
  }

  /** Chooses a folder in the dialog of "Install folder…". */
  async installFolder(path: string): Promise<void> {
    const dialog = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: 'Install folder…' }).click();
    await (await dialog).setFiles(path);
  }

  /** Uses a folder of this machine, and answers the question. */
  async develop(path: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Develop…' }).click();
    await this.page.getByLabel('Folder or .tgz on the machine the bench runs on').fill(path);
    await this.page.getByRole('button', { name: 'Use it', exact: true }).click();
    await this.answer('Trust it');
  }

  async answer(name: 'Trust it' | 'Do not run it'): Promise<void> {
    await this.question.getByRole('button', { name }).click();
    await this.question.waitFor({ state: 'hidden' });
  }
}
