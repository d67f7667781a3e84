/** The browser brings a one-time code to this machine (RFC 8252): a port of loopback that waits for it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '../../base/index.ts';
import { CALLBACK_REQUESTS_MAX, SIGN_IN_WAIT_MS } from './constants.ts';

const DONE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Connected</title>
<style>:root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem}</style>
<h1>Connected</h1><p>Go back to your terminal; this page can be closed.</p></html>`;

/** Waits for one code, at one path that nobody can guess. */
export class BrowserCode {
  readonly #server: Server;
  readonly #state: string;
  readonly #code = Promise.withResolvers<string>();
  #requests = 0;

  private constructor(server: Server, state: string) {
    this.#server = server;
    this.#state = state;
    server.on('request', (request, response) => this.#answer(request, response));
    // Nobody may be waiting yet when it fails.
    this.#code.promise.catch(() => undefined);
  }

  static async listen(state: string): Promise<BrowserCode> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new BrowserCode(server, state);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Rejects with Failure `sign-in-too-late`. */
  async code(): Promise<string> {
    const late = setTimeout(
      () => this.#code.reject(new Failure('sign-in-too-late', 'nobody signed in within ten minutes')),
      SIGN_IN_WAIT_MS,
    );
    try {
      return await this.#code.promise;
    } finally {
      clearTimeout(late);
    }
  }

  /** The address at which a browser on another machine ended up; false where it has no code for this program. */
  take(address: string): boolean {
    const code = this.#codeIn(address.trim());
    if (code !== undefined) this.#code.resolve(code);
    return code !== undefined;
  }

  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  #answer({ url = '', method }: IncomingMessage, response: ServerResponse): void {
    const code = method === 'GET' && ++this.#requests <= CALLBACK_REQUESTS_MAX ? this.#codeIn(url) : undefined;
    response.setHeader('Connection', 'close').setHeader('Cache-Control', 'no-store');
    response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    if (code === undefined) return void response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not here\n');
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(DONE);
    this.#code.resolve(code);
  }

  #codeIn(address: string): string | undefined {
    const url = URL.parse(address, 'http://127.0.0.1');
    if (!url || url.pathname !== `/${this.#state}`) return undefined;
    return url.searchParams.get('code') || undefined;
  }
}
