/** The way out for every HTTPS and WebSocket connection of a node: which proxy, and which authorities it trusts. */
import type { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { isExempt } from './no-proxy.ts';
import { ownLookup } from './own-lookup.ts';
import type { ProxyAgent } from './proxy-agent.ts';
import { trustedAuthorities } from './trust.ts';

export interface Proxy {
  /** `http://` or `https://`, credentials included where it wants them. */
  readonly url: URL;
  /** NO_PROXY: hosts that are reached without it. */
  readonly except: readonly string[];
}

export interface OutboundSettings {
  /** PEM to trust beside the system's, for servers and for an https proxy. */
  readonly ca?: string;
  /** For what is always certified by `ca`: those of the system are not read, which takes longer than a request. */
  readonly trustsCaAlone?: boolean;
  readonly proxy?: Proxy;
}

/** How a server is reached, whom that trusts, and how its name is resolved where not by the system. */
export interface RequestOptions {
  readonly agent: Agent;
  readonly secureContext: SecureContext;
  readonly lookup?: LookupFunction;
}

/** The proxy that leads to a server, or undefined: it is reached directly. */
export function proxyTo(server: URL, { proxy }: OutboundSettings): URL | undefined {
  if (!proxy) return undefined;
  const port = server.port === '' ? 443 : Number(server.port);
  return isExempt(proxy.except, server.hostname, port) ? undefined : proxy.url;
}

/** Agents for requests: one for what is reached directly, one for what goes through the proxy. */
export class OutboundAgents {
  readonly #settings: OutboundSettings;
  readonly #keepAlive: boolean;
  #context: SecureContext | undefined;
  #direct: HttpsAgent | undefined;
  #proxied: ProxyAgent | undefined;

  constructor(settings: OutboundSettings, options: { readonly keepAlive: boolean }) {
    this.#settings = settings;
    this.#keepAlive = options.keepAlive;
  }

  /** What a request to a server is given. */
  async requestOptions(server: URL): Promise<RequestOptions> {
    // Made once: reading hundreds of authorities takes longer than a handshake.
    const { ca, trustsCaAlone } = this.#settings;
    this.#context ??= createSecureContext({ ca: trustsCaAlone && ca !== undefined ? ca : trustedAuthorities(ca) });
    // A proxy resolves names by itself.
    const lookup = proxyTo(server, this.#settings) ? undefined : ownLookup(server.hostname);
    return {
      agent: await this.#agentTo(server, this.#context),
      secureContext: this.#context,
      ...(lookup && { lookup }),
    };
  }

  destroy(): void {
    this.#direct?.destroy();
    this.#proxied?.destroy();
  }

  async #agentTo(server: URL, secureContext: SecureContext): Promise<Agent> {
    const proxy = proxyTo(server, this.#settings);
    if (!proxy) {
      this.#direct ??= new HttpsAgent({ keepAlive: this.#keepAlive });
      return this.#direct;
    }
    // Most nodes have no proxy, and no need of what speaks with one.
    const { ProxyAgent } = await import('./proxy-agent.ts');
    this.#proxied ??= new ProxyAgent(proxy, { keepAlive: this.#keepAlive, secureContext });
    return this.#proxied;
  }
}
