import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { Failure } from '../../base/index.ts';
import { CARRIER_PATH, MAXIMUM_FRAME_BYTES } from '../../core/carrier/index.ts';
import { OutboundAgents, type OutboundSettings } from '../outbound/outbound-agents.ts';
import { ProxyFailure } from '../outbound/proxy-failure.ts';
import { MAXIMUM_CHUNKS, MAXIMUM_FRAGMENTS, OPEN_TIMEOUT_MS } from './constants.ts';

/** Where a PoP takes carriers: an HTTPS endpoint of its, and a host name that it serves there. */
export interface CarrierAddress {
  /** `host:port` or `[v6]:port`. */
  readonly endpoint: string;
  /** Asked for by SNI and Host; the endpoint's host where it is left out. */
  readonly serverName?: string;
}

export interface DialledCarrier {
  readonly socket: WebSocket;
  /** Why the certificate was not one to trust, or undefined where it was: told, and no reason to refuse. */
  readonly distrust: string | undefined;
}

/** No carrier: `carrier-unreachable`, or `carrier-refused` where something answered that is none. */
export class CarrierFailure extends Failure {
  override readonly name = 'CarrierFailure';
}

/**
 * Opens carriers. The certificate is not asked for its truth: WireGuard inside proves the PoP's key, and a company's
 * proxy that looks into TLS is let do so, for it sees ciphertext alone.
 */
export class CarrierDialer {
  readonly #agents: OutboundAgents;

  constructor(outbound: OutboundSettings) {
    this.#agents = new OutboundAgents(outbound, { keepAlive: false });
  }

  /** Rejects with CarrierFailure or ProxyFailure; also where `signal` says to stop. */
  async dial({ endpoint, serverName }: CarrierAddress, signal?: AbortSignal): Promise<DialledCarrier> {
    const url = new URL(`wss://${endpoint}${CARRIER_PATH}`);
    const port = url.port === '' ? '' : `:${url.port}`;
    const way = await this.#agents.requestOptions(url);
    const socket = new WebSocket(url, {
      ...way,
      ...(serverName && { servername: serverName, headers: { host: `${serverName}${port}` } }),
      rejectUnauthorized: false,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload: MAXIMUM_FRAME_BYTES,
      maxFragments: MAXIMUM_FRAGMENTS,
      maxBufferedChunks: MAXIMUM_CHUNKS,
      handshakeTimeout: OPEN_TIMEOUT_MS,
      followRedirects: false,
      // Masking keeps scripts from speaking to plain-text proxies (RFC 6455 section 10.3); here is TLS and ciphertext.
      generateMask: (mask: Buffer) => mask.fill(0),
    });
    return opened(socket, endpoint, signal);
  }

  close(): void {
    this.#agents.destroy();
  }
}

function opened(socket: WebSocket, endpoint: string, signal: AbortSignal | undefined): Promise<DialledCarrier> {
  let tls: TLSSocket | undefined;
  const stop = (): void => socket.terminate();
  const opening = new Promise<DialledCarrier>((resolve, reject) => {
    socket.once('upgrade', (response) => {
      tls = response.socket as TLSSocket;
    });
    socket.once('open', () => resolve({ socket, distrust: distrustOf(tls) }));
    socket.once('unexpected-response', (_request, response) => {
      reject(new CarrierFailure('carrier-refused', `${endpoint} answered ${response.statusCode} to a carrier`));
      socket.terminate();
    });
    socket.on('error', (error) => reject(failureOf(endpoint, error)));
  });
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  return opening.finally(() => signal?.removeEventListener('abort', stop));
}

function distrustOf(tls: TLSSocket | undefined): string | undefined {
  if (!tls || tls.authorized) return undefined;
  const { authorizationError } = tls;
  return String((authorizationError as { code?: string } | null)?.code ?? authorizationError);
}

function failureOf(endpoint: string, error: Error): Failure {
  if (error instanceof ProxyFailure) return error;
  return new CarrierFailure('carrier-unreachable', `no carrier to ${endpoint}: ${error.message}`, error);
}
