import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { buildIsStale } from '../../scripts/build.mjs';
import { findChromium } from '../../scripts/chromium.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The last four keep the browser off the network: the tests speak to 127.0.0.1 only. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

export interface Browser {
  context: BrowserContext;
  /** The one page that is open at the start. */
  page: Page;
  /** The number before the first dot of its version. */
  major: number;
  /** Ends the browser and deletes its profile. */
  close: () => Promise<void>;
}

/**
 * Starts a real Chromium with a fresh profile.
 *
 * @throws when none is installed (the message holds the command to run), or when `out/renderer`
 *   was built from other sources than those on disk
 */
export async function launchChromium(
  options: { theme?: 'light' | 'dark' | 'contrast'; width?: number; height?: number } = {},
): Promise<Browser> {
  const found = findChromium();
  if ('error' in found) throw new Error(found.error);
  if (buildIsStale(root, ['tools', 'renderer', 'shared'])) {
    throw new Error('out/renderer is older than the sources: run "npm run build".');
  }
  const profile = mkdtempSync(join(tmpdir(), 'pfnlab-e2e-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: found.path,
    args: FLAGS,
    headless: true,
    chromiumSandbox: false,
    colorScheme: options.theme === 'light' ? 'light' : 'dark',
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
  });
  if (options.theme === 'contrast') {
    // What somebody has chosen in the window before; the others follow the system.
    await context.addInitScript(() =>
      localStorage.setItem('pfnlab.settings', JSON.stringify({ theme: 'contrast' })),
    );
  }
  const page = context.pages()[0] ?? (await context.newPage());
  return {
    context,
    page,
    major: Number.parseInt(context.browser()?.version() ?? '', 10),
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
