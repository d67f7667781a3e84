/** Signs in as a browser does: the set-up link, a password, then the way over portal and resource with their cookies. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';

export interface SignInOptions {
  /** The one-time link of the first administrator. */
  readonly setupUrl: string;
  readonly appUrl: string;
  /** PEM file of the authority behind the certificates. */
  readonly caFile: string;
  /** Where every host of the network is. */
  readonly address: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const MAXIMUM_REDIRECTS = 8;

/** Gives the Cookie field that opens the application. */
export async function signIn(options: SignInOptions): Promise<string> {
  const browser = new Browser(options.address, await readFile(options.caFile, 'utf8'));
  const password = randomBytes(24).toString('base64url');
  const setUp = await browser.send(options.setupUrl, new URLSearchParams({ password, repeat: password }).toString());
  if (setUp.status !== 303 && setUp.status !== 302) throw new Error(`the set-up link answered ${setUp.status}`);
  const page = await browser.follow(options.appUrl);
  if (page.status !== 200) throw new Error(`the application answered ${page.status} after sign-in: ${page.body}`);
  return browser.cookiesFor(new URL(options.appUrl).host);
}

/** Cookies by host (all of Manis are host-only), and redirects. */
class Browser {
  readonly #address: string;
  readonly #ca: string;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(address: string, ca: string) {
    this.#address = address;
    this.#ca = ca;
  }

  cookiesFor(host: string): string {
    return [...(this.#cookies.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async follow(start: string): Promise<Answer> {
    let url = new URL(start);
    for (let i = 0; i < MAXIMUM_REDIRECTS; i++) {
      const answer = await this.send(url.href);
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status >= 400 || location === undefined) return answer;
      url = new URL(location, url);
    }
    throw new Error(`more than ${MAXIMUM_REDIRECTS} redirects from ${start}`);
  }

  /** GET, or POST of a form. */
  send(address: string, form?: string): Promise<Answer> {
    const url = new URL(address);
    const headers = {
      Accept: 'text/html',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
      ...(this.cookiesFor(url.host) !== '' && { Cookie: this.cookiesFor(url.host) }),
      ...(form !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded', Origin: url.origin }),
    };
    const { hostname, port, pathname, search } = url;
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: this.#address,
          servername: hostname,
          port,
          path: pathname + search,
          method: form === undefined ? 'GET' : 'POST',
          headers: { Host: url.host, ...headers },
          ca: this.#ca,
        },
        (response) => {
          this.#keep(url.host, response.headers['set-cookie'] ?? []);
          response.setEncoding('utf8');
          let body = '';
          response.on('data', (text: string) => {
            body += text;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        },
      );
      sent.on('error', reject);
      sent.end(form);
    });
  }

  #keep(host: string, lines: readonly string[]): void {
    const kept = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, kept);
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (attributes.some((one) => /^\s*max-age=0\s*$/i.test(one))) kept.delete(name.trim());
      else kept.set(name.trim(), value.trim());
    }
  }
}
