/** A person without a browser: requests with cookies, redirects and forms, over one PoP or any. */
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';

export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface VisitorOptions {
  readonly ca: string;
  /** `127.0.0.1:8443`: every request goes there, whatever its host; left out: the loopback addresses in order. */
  readonly via?: string;
}

const MOST_REDIRECTS = 10;

export class Visitor {
  readonly #options: VisitorOptions;
  /** By host, then by name. Host-only, as every cookie of Manis is. */
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(options: VisitorOptions) {
    this.#options = options;
  }

  /** The same person at another PoP. */
  via(endpoint: string): Visitor {
    const other = new Visitor({ ...this.#options, via: endpoint });
    for (const [host, jar] of this.#cookies) other.#cookies.set(host, new Map(jar));
    return other;
  }

  /** What it would send to a host as `Cookie`. */
  cookieHeader(host: string): string {
    return this.#cookieHeader(host).cookie ?? '';
  }

  /** One request, as a browser that navigates; no redirect is followed. */
  async ask(url: URL, form?: URLSearchParams, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { status, headers: answered, text } = await this.#exchange(url, form, headers);
    for (const cookie of answered['set-cookie'] ?? []) this.#keep(url.host, cookie);
    return { url, status, headers: answered, text };
  }

  /** Goes where redirects lead. */
  async open(address: string | URL, form?: URLSearchParams): Promise<Answer> {
    let answer = await this.ask(new URL(address), form);
    for (let i = 0; i < MOST_REDIRECTS && answer.status >= 300 && answer.status < 400; i++) {
      answer = await this.ask(new URL(answer.headers.location ?? '', answer.url));
    }
    return answer;
  }

  /** Fills in the one form of a page and sends it. */
  submit(page: Answer, values: Readonly<Record<string, string>>): Promise<Answer> {
    const action = /<form[^>]*action="([^"]+)"/.exec(page.text)?.[1];
    if (action === undefined) throw new Error(`no form on ${page.url} (${page.status}):\n${page.text}`);
    const form = new URLSearchParams(values);
    for (const [, name, value] of page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)) {
      // What a script would fill in is there, empty.
      if (values[name ?? ''] === undefined) form.set(unescapeHtml(name ?? ''), unescapeHtml(value ?? ''));
    }
    return this.open(new URL(unescapeHtml(action), page.url), form);
  }

  /** From an application's address through the sign-in to the application. */
  async signIn(address: string, email: string, password: string): Promise<Answer> {
    return this.submit(await this.open(address), { email, password });
  }

  /** The Cookie field that a host would get now. */
  cookieFor(host: string): string {
    return this.#cookieHeader(host).cookie ?? '';
  }

  #exchange(url: URL, form: URLSearchParams | undefined, headers: Readonly<Record<string, string>>) {
    const payload = form?.toString();
    const { host, port } = this.#place(url);
    return new Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
      const outgoing = request({
        host,
        port,
        servername: url.hostname,
        ca: this.#options.ca,
        agent: false,
        timeout: 20_000,
        method: payload === undefined ? 'GET' : 'POST',
        path: `${url.pathname}${url.search}`,
        headers: {
          host: url.host,
          accept: 'text/html',
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
          ...this.#cookieHeader(url.host),
          ...(payload !== undefined && {
            origin: url.origin,
            'sec-fetch-site': 'same-origin',
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': String(Buffer.byteLength(payload)),
          }),
          ...headers,
        },
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      outgoing.end(payload);
    });
  }

  #place(url: URL): { host: string; port: number } {
    const match = /^\[?([^\]]+)\]?:(\d+)$/.exec(this.#options.via ?? '');
    if (match) return { host: match[1] ?? '', port: Number(match[2]) };
    return { host: '127.0.0.1', port: Number(url.port) };
  }

  #keep(host: string, cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    const isGone = attributes.some((one) => /^\s*max-age=0\s*$/i.test(one));
    if (isGone) jar.delete(name);
    else jar.set(name, pair.slice(name.length + 1));
  }

  #cookieHeader(host: string): { cookie?: string } {
    const jar = this.#cookies.get(host);
    return jar && jar.size > 0 ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {};
  }
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
