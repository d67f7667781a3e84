/** What lets this command in at one host: kept, renewed, and asked for once where there is none that holds. */
import { Failure } from '../../base/index.ts';
import { type OpenedTunnel, openTunnel, type Pass, type TunnelParts } from '../../io/access/open-tunnel.ts';
import type { WebSocketBytes } from '../../io/web-socket-bytes.ts';
import type { KeptSession } from './kept-session.ts';

export interface PassesParts {
  readonly tunnels: TunnelParts;
  readonly serviceToken: string | undefined;
  /** Undefined: nothing is kept. */
  readonly kept: KeptSession | undefined;
  /** Gives a new session's token. */
  readonly signIn: () => Promise<string>;
}

/** Opens connections, and signs in where one says that it is needed; never twice at once. */
export class Passes {
  readonly #parts: PassesParts;
  #pass: Pass | undefined;
  #signingIn: Promise<void> | undefined;

  constructor(parts: PassesParts) {
    this.#parts = parts;
  }

  /** Failure `access-refused`, `access-unreachable`, or what went wrong with signing in. */
  async open(): Promise<WebSocketBytes> {
    this.#pass ??= await this.#first();
    const pass = this.#pass;
    const first = await this.#try(pass);
    if (first.kind !== 'refused' || first.code !== 'sign-in-needed' || pass.kind === 'service-token')
      return this.#opened(first);
    // Another connection may have signed in meanwhile.
    if (this.#pass === pass) {
      this.#signingIn ??= this.#signIn().finally(() => {
        this.#signingIn = undefined;
      });
      await this.#signingIn;
    }
    return this.#opened(await this.#try(this.#pass));
  }

  async #first(): Promise<Pass> {
    const { serviceToken, kept } = this.#parts;
    if (serviceToken !== undefined) return { kind: 'service-token', token: serviceToken };
    const token = await kept?.read();
    return token === undefined ? { kind: 'none' } : { kind: 'session', token };
  }

  async #try(pass: Pass): Promise<OpenedTunnel> {
    const tunnel = await openTunnel(this.#parts.tunnels, pass);
    if (tunnel.kind === 'open' && tunnel.renewed !== undefined) await this.#hold(tunnel.renewed);
    return tunnel;
  }

  async #signIn(): Promise<void> {
    await this.#parts.kept?.remove();
    await this.#hold(await this.#parts.signIn());
  }

  async #hold(token: string): Promise<void> {
    this.#pass = { kind: 'session', token };
    await this.#parts.kept?.write(token);
  }

  #opened(tunnel: OpenedTunnel): WebSocketBytes {
    const { host } = this.#parts.tunnels.origin;
    if (tunnel.kind === 'open') return tunnel.bytes;
    if (tunnel.kind === 'refused')
      throw new Failure('access-refused', `${host} refuses the connection: ${tunnel.detail} (${tunnel.code})`);
    throw new Failure('access-unreachable', `${host} cannot be reached: ${(tunnel.cause as Error).message}`);
  }
}
