/** Requests that settings of an administrator cause: to where they may go, and no further. */
import { lookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { Failure, parseIpAddress } from '../../base/index.ts';
import { destinationClass } from '../../core/identity/index.ts';
import { readBoundedBody } from '../bounded-answer.ts';
import { PROVIDER_ANSWER_MAX_BYTES, PROVIDER_TIMEOUT_MS } from './constants.ts';
import { ProviderFailure } from './provider-failure.ts';

export interface Destination {
  /** Private and loopback addresses may be asked, over plain HTTP where it is loopback. */
  readonly allowPrivate: boolean;
  /** PEM to trust beside the public authorities. */
  readonly caPem?: string | undefined;
}

export interface GuardedRequest {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/**
 * One request over HTTPS, bounded in time and size. Nothing is followed: what an answer leads to was not set by anybody. The address
 * is judged when the connection is made, so a name that changes its mind between two looks gains nothing.
 */
export async function guardedRequest(url: URL, asked: GuardedRequest, destination: Destination): Promise<Response> {
  refuseUrl(url, destination);
  const isTls = url.protocol === 'https:';
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = (isTls ? httpsRequest : httpRequest)(url, {
    method: asked.method ?? 'GET',
    headers: { accept: 'application/json', ...asked.headers, 'accept-encoding': 'identity', 'user-agent': 'manis' },
    lookup: guardedLookup(destination),
    ...(isTls && { agent: agentFor(destination) }),
    ...(!isTls && { agent: false as const }),
  });
  outgoing.on('response', resolve);
  outgoing.on('error', reject);
  const late = setTimeout(() => outgoing.destroy(new Error('no answer in time')), PROVIDER_TIMEOUT_MS);
  outgoing.end(asked.body);
  try {
    const incoming = await promise;
    return await responseOf(incoming, url);
  } catch (error) {
    outgoing.destroy();
    if (error instanceof Failure) throw error;
    const reason = error instanceof Error ? error.message : 'the connection broke';
    throw new ProviderFailure('provider-unreachable', `cannot reach ${url.origin}: ${reason}`, error);
  } finally {
    clearTimeout(late);
  }
}

function refuseUrl(url: URL, { allowPrivate }: Destination): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const address = parseIpAddress(host);
  if (url.username !== '' || url.password !== '') throw refused(url, 'it holds a user name');
  const isLoopback = host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\./.test(host);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowPrivate && isLoopback))
    throw refused(url, 'only https is allowed');
  if (address && !isAllowed(address.text, allowPrivate)) throw refused(url, `${address.text} is not a place to go`);
}

/** Node asks for no name that is an address already; `refuseUrl` has seen those. */
function guardedLookup({ allowPrivate }: Destination): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const usable = addresses.filter(({ address }) => isAllowed(address, allowPrivate));
      const [first] = usable;
      if (!first) {
        const found = addresses.map(({ address }) => address).join(', ');
        const why = `${hostname} is at ${found}, where requests may not go; a provider in a private network needs its setting`;
        return callback(new ProviderFailure('provider-address-refused', why), '', 0);
      }
      if (options.all) callback(null, usable);
      else callback(null, first.address, first.family);
    });
  };
}

function isAllowed(text: string, allowPrivate: boolean): boolean {
  const address = parseIpAddress(text);
  const place = address ? destinationClass(address) : 'never';
  return place === 'public' || (place === 'private' && allowPrivate);
}

function agentFor({ caPem }: Destination): HttpsAgent | false {
  return caPem === undefined ? false : new HttpsAgent({ keepAlive: false, ca: [...rootCertificates, caPem] });
}

async function responseOf(incoming: IncomingMessage, url: URL): Promise<Response> {
  const status = incoming.statusCode ?? 0;
  if (status >= 300 && status < 400) throw unfit(url, 'leads elsewhere, which is not followed');
  const encoding = incoming.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw unfit(url, 'is compressed, which was not asked for');
  const body = await readBoundedBody(incoming, PROVIDER_ANSWER_MAX_BYTES);
  if (body === undefined) throw unfit(url, `is larger than ${PROVIDER_ANSWER_MAX_BYTES} bytes`);
  const isBodyless = status === 204 || status < 200;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (typeof value === 'string' && name !== 'content-length') headers.set(name, value);
  return new Response(isBodyless ? null : body, { status: Math.max(200, status), headers });
}

function unfit(url: URL, what: string): ProviderFailure {
  return new ProviderFailure('provider-answer-refused', `the answer of ${url.origin} ${what}`);
}

function refused(url: URL, why: string): ProviderFailure {
  return new ProviderFailure('provider-address-refused', `${url.origin} is not asked: ${why}`);
}

/** The JSON object of an answer that must be one. */
export async function jsonOf(response: Response, url: URL): Promise<Readonly<Record<string, unknown>>> {
  try {
    const json: unknown = await response.json();
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw unfit(url, `(status ${response.status}) is not a JSON object`);
}
