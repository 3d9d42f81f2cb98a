import { SECURITY_HEADERS } from './csp.ts';
import { readStaticFile } from './static-files.ts';

/** The window's own scheme in Electron: its pages have an origin, which file:// has not. */
export const APP_SCHEME = 'app';
export const APP_PAGE = 'app://pfnlab/';

/** Whether a URL is a page of ours: the only ones that are shown and may call the bench. */
export function isOwnPage(url: string | undefined): boolean {
  const parsed = URL.parse(url ?? '');
  return parsed !== null && parsed.protocol === `${APP_SCHEME}:` && parsed.host === 'pfnlab';
}

/** Answers the window's requests from `folder`, the built window. */
export async function serveAppPage(folder: string, request: Request): Promise<Response> {
  const url = URL.parse(request.url);
  const allowed = isOwnPage(request.url) && request.method === 'GET';
  const file = allowed && url ? await readStaticFile(folder, url.pathname) : undefined;
  if (!file) {
    const headers = { ...SECURITY_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' };
    return new Response('There is no such file.\n', { status: allowed ? 404 : 403, headers });
  }
  const headers = { ...SECURITY_HEADERS, 'Content-Type': file.type };
  return new Response(file.body, { status: 200, headers });
}

/** A frame as Electron names the sender of a message. */
interface Sender {
  readonly url: string;
}

/** Whether a message comes from our page itself, not from a frame inside it or a dead one. */
export function isOwnSender(frame: Sender | null | undefined, main: Sender | undefined): boolean {
  return frame != null && frame === main && isOwnPage(frame.url);
}
