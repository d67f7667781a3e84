/** Where control listens, and what it is called there. */
import { Failure } from '../base/index.ts';
import type { ControlServer } from './server.ts';

export interface ListenerOptions {
  /** Port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Host of portal, dashboard and API at the PoPs: `manis.localhost`. */
  readonly portalHost: string;
  /** Where nodes reach this control, when that is not the address it listens on. */
  readonly publicUrl?: string;
  /** More names and addresses for control's own certificate. */
  readonly extraNames?: readonly string[];
}

/** The names and addresses that control's certificate is for. */
export function listenerNames(options: ListenerOptions): { dns: string[]; ip: string[] } {
  const dns = new Set([options.portalHost, 'localhost']);
  const ip = new Set(['127.0.0.1', '::1']);
  const publicHost =
    options.publicUrl === undefined ? [] : [new URL(options.publicUrl).hostname.replace(/^\[|\]$/g, '')];
  for (const name of [options.listen.host, ...publicHost, ...(options.extraNames ?? [])]) {
    if (name === '0.0.0.0' || name === '::') continue;
    (/^[\d.]+$|:/.test(name) ? ip : dns).add(name);
  }
  return { dns: [...dns], ip: [...ip] };
}

/** Listens, and gives the port. Failure `listen-failed`. */
export async function listen(server: ControlServer, options: ListenerOptions): Promise<number> {
  const { host, port } = options.listen;
  try {
    await server.app.listen({ host, port });
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'the port is in use' : (error as Error).message;
    throw new Failure('listen-failed', `control cannot listen on ${hostInUrl(host)}:${port}: ${why}`, error);
  }
  const address = server.app.server.address();
  return typeof address === 'object' && address ? address.port : port;
}

/** `https://host:port` of a listener. Addresses for any interface are reached by loopback. */
export function urlOf(options: ListenerOptions, port: number): string {
  return options.publicUrl ?? `https://${hostInUrl(options.listen.host)}:${port}`;
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
