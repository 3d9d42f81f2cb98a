import { randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Who may talk to the local server. Any web page can make a browser send requests to 127.0.0.1,
 * and any name can be made to resolve there (DNS rebinding): the Host and Origin are therefore
 * checked on each request, and a cookie only this server's own address could set is required.
 */
export class WebAccess {
  private readonly session = secret();
  private readonly tokens = new Set<string>();
  private readonly port: number;

  /** @param port the port browsers see */
  constructor(port: number) {
    this.port = port;
  }

  /** Ports share cookies, so each server needs a name of its own. */
  get cookieName(): string {
    return `pfnlab-${this.port}`;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A new address that lets one browser in, once. */
  issueAddress(): string {
    const token = secret();
    this.tokens.add(token);
    return `${this.origin}/?token=${token}`;
  }

  /** The Set-Cookie value a token is worth; undefined when it was used or never issued. */
  exchange(token: string): string | undefined {
    if (!this.tokens.delete(token)) return undefined;
    return `${this.cookieName}=${this.session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  hasCookie(header: string | undefined): boolean {
    const cookies = (header ?? '').split(';').map((cookie) => cookie.trim());
    const prefix = `${this.cookieName}=`;
    return cookies.some(
      (cookie) => cookie.startsWith(prefix) && equal(cookie.slice(prefix.length), this.session),
    );
  }

  /** Whether the Host header names this server, and by address rather than a rebindable name. */
  isOwnHost(host: string | undefined): boolean {
    return host !== undefined && this.hosts().includes(host.toLowerCase());
  }

  /** A browser always tells a socket's origin; a request's only where it is not plain reading. */
  isOwnOrigin(origin: string | undefined, required: boolean): boolean {
    if (origin === undefined) return !required;
    return this.hosts().some((host) => origin === `http://${host}`);
  }

  private hosts(): string[] {
    const names = ['127.0.0.1', 'localhost'];
    const hosts = names.map((name) => `${name}:${this.port}`);
    return this.port === 80 ? [...hosts, ...names] : hosts;
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function equal(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
