import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  APP_PAGE,
  isOwnPage,
  isOwnSender,
  serveAppPage,
} from '../../../src/main/shells/app-page.ts';
import { CONTENT_SECURITY_POLICY } from '../../../src/main/shells/csp.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pfnlab-app-'));
  writeFileSync(join(folder, 'index.html'), 'window');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the app:// page', () => {
  test('serves the window with its policy', async () => {
    const response = await serveAppPage(folder, new Request(APP_PAGE));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    expect(await response.text()).toBe('window');
  });

  test('serves nothing else: no other file, host or method', async () => {
    const status = async (url: string, init?: RequestInit) =>
      (await serveAppPage(folder, new Request(url, init))).status;
    expect(await status(`${APP_PAGE}other.js`)).toBe(404);
    expect(await status('app://elsewhere/')).toBe(403);
    expect(await status(APP_PAGE, { method: 'POST' })).toBe(403);
  });

  test('its policy lets a page load scripts of its own only, and none written inline', () => {
    const directives = new Map(
      CONTENT_SECURITY_POLICY.split('; ').map((one) => {
        const [name = '', ...values] = one.split(' ');
        return [name, values.join(' ')];
      }),
    );
    expect(directives.get('default-src')).toBe("'none'");
    expect(directives.get('script-src')).toBe("'self'");
    expect(directives.get('connect-src')).toBe("'self'");
    expect(directives.get('frame-ancestors')).toBe("'none'");
  });

  test.each([
    ['app://pfnlab/', true],
    ['app://pfnlab/index.html#x', true],
    ['app://pfnlab.example/', false],
    ['app://other/', false],
    ['https://pfnlab/', false],
    ['file:///app://pfnlab/', false],
    ['', false],
    [undefined, false],
  ])('%s is our page: %s', (url, own) => {
    expect(isOwnPage(url)).toBe(own);
  });

  test('only the main frame of the window speaks to the bench', () => {
    const main = { url: APP_PAGE };
    expect(isOwnSender(main, main)).toBe(true);
    expect(isOwnSender({ url: APP_PAGE }, main)).toBe(false);
    expect(isOwnSender(null, main)).toBe(false);
    expect(isOwnSender(main, undefined)).toBe(false);
    const gone = { url: 'https://example.org/' };
    expect(isOwnSender(gone, gone)).toBe(false);
  });
});
