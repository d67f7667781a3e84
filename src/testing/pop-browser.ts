import { type Answer, PORTAL_HOST, type PopWorld } from './pop-world.ts';

const NAVIGATES = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

/** A browser before a PoP: cookies by host, redirects and forms. */
export class PopBrowser {
  readonly #world: PopWorld;
  /** Its address, one of loopback; it may move. */
  from: string | undefined;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(world: PopWorld, from?: string) {
    this.#world = world;
    this.from = from;
  }

  /** One request; redirects are not followed. */
  async go(host: string, path: string, form?: Readonly<Record<string, string>>, world = this.#world): Promise<Answer> {
    const posted = form && {
      'content-type': 'application/x-www-form-urlencoded',
      origin: `https://${host}:${world.port}`,
      'sec-fetch-site': 'same-origin',
    };
    const cookie = this.cookies(host);
    const answer = await world.fetch(host, path, {
      method: form ? 'POST' : 'GET',
      headers: { ...NAVIGATES, ...(cookie !== '' && { cookie }), ...posted },
      from: this.from,
      ...(form && { body: String(new URLSearchParams(form)) }),
    });
    this.#take(host, answer);
    return answer;
  }

  /** A request, and where it leads to until a page comes. */
  async open(host: string, path: string, world = this.#world): Promise<Answer & { host: string; path: string }> {
    return this.#follow(host, path, await this.go(host, path, undefined, world), world);
  }

  /** Fills in the form of a sign-in page that `open` led to, and goes on. */
  async submit(page: Answer, method: string, fields: Readonly<Record<string, string>>, world = this.#world) {
    const form = { csrf: hiddenInput(page, 'csrf'), return: hiddenInput(page, 'return'), ...fields };
    const path = `/sign-in/${method}`;
    return this.#follow(PORTAL_HOST, path, await this.go(PORTAL_HOST, path, form, world), world);
  }

  /** Has a cookie that it got some other way. */
  have(host: string, name: string, value: string): void {
    this.#cookies.set(host, (this.#cookies.get(host) ?? new Map<string, string>()).set(name, value));
  }

  /** Loses the cookies of a host. */
  forget(host: string): void {
    this.#cookies.delete(host);
  }

  cookies(host: string): string {
    return [...(this.#cookies.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  cookie(host: string, name: string): string | undefined {
    return this.#cookies.get(host)?.get(name);
  }

  async #follow(host: string, path: string, first: Answer, world: PopWorld) {
    let answer = first;
    let at = { host, path };
    for (let steps = 0; answer.headers.location !== undefined && steps < 10; steps++) {
      const { hostname, pathname, search } = new URL(answer.headers.location, `https://${at.host}`);
      at = { host: hostname, path: pathname + search };
      answer = await this.go(at.host, at.path, undefined, world);
    }
    return { ...answer, ...at };
  }

  #take(host: string, answer: Answer): void {
    const cookies = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, cookies);
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      if (/Max-Age=0(;|$)/.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
  }
}

/** The value of a hidden input. */
export function hiddenInput(page: Answer, name: string): string {
  const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(page.body)?.[1] ?? '';
  return value.replaceAll('&amp;', '&').replaceAll('&#39;', "'");
}
