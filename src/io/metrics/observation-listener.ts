import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '../../base/index.ts';
import type { ListenEndpoint } from '../https-server.ts';
import { OBSERVATION_CONNECTIONS_MAX, OBSERVATION_HEADERS_TIMEOUT_MS } from './constants.ts';
import type { NotReady } from './not-ready.ts';

/** What is asked of a node. */
export interface Observable {
  /** Everything that keeps it from its work now; empty where it can do that. */
  notReady(): readonly NotReady[] | Promise<readonly NotReady[]>;
  /** Its metrics, in the text format of Prometheus. */
  metrics(): Promise<string>;
}

export interface ObservationListener {
  readonly endpoint: ListenEndpoint;
  close(): void;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const JSON_TYPE = 'application/json';

/**
 * Serves `/metrics`, `/healthz` (the process is alive) and `/readyz` (it can do its work, or the reasons why not), apart
 * from everything that clients reach: there is no secret in it, but it is nobody else's business.
 * Failure `listen-failed`.
 */
export async function listenForObservers(endpoint: ListenEndpoint, of: Observable): Promise<ObservationListener> {
  const server = createServer({ headersTimeout: OBSERVATION_HEADERS_TIMEOUT_MS }, (request, response) => {
    answerTo(request, of, isOfPlace(endpoint, request)).then(
      (answer) => send(request, response, answer),
      () => send(request, response, { status: 500, type: JSON_TYPE, body: '{"status":"failed"}' }),
    );
  });
  server.maxConnections = OBSERVATION_CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Failure('listen-failed', `metrics cannot be served at ${endpoint.host} port ${endpoint.port}`, { cause }),
      ),
    );
    server.listen(endpoint.port, endpoint.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: { host: endpoint.host, port },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answerTo({ method, url }: IncomingMessage, of: Observable, isOwn: boolean): Promise<Answer> {
  if (!isOwn) return problem(421, 'host-refused');
  if (method !== 'GET' && method !== 'HEAD') return problem(405, 'method-refused');
  const path = (url ?? '').split('?', 1)[0];
  if (path === '/healthz') return { status: 200, type: JSON_TYPE, body: JSON.stringify({ status: 'ok' }) };
  if (path === '/readyz') return readiness(await of.notReady());
  if (path !== '/metrics') return problem(404, 'not-found');
  return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: await of.metrics() };
}

/**
 * Whether it is asked for by an address of its own. A page whose name is made to lead here (DNS rebinding) is of the same
 * origin to its browser, and reads what it is answered: by names but `localhost` nothing is answered on loopback.
 */
function isOfPlace({ host }: ListenEndpoint, { headers }: IncomingMessage): boolean {
  if (!isLoopback(host)) return true;
  const asked = URL.parse(`http://${headers.host ?? ''}`)?.hostname.replace(/^\[|\]$/g, '');
  return asked !== undefined && (asked === 'localhost' || isLoopback(asked));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function readiness(reasons: readonly NotReady[]): Answer {
  const isReady = reasons.length === 0;
  const body = JSON.stringify({ status: isReady ? 'ready' : 'not-ready', reasons });
  return { status: isReady ? 200 : 503, type: JSON_TYPE, body };
}

function problem(status: number, code: string): Answer {
  return { status, type: JSON_TYPE, body: JSON.stringify({ status: code }) };
}

function send({ method }: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(method === 'HEAD' ? undefined : body);
}
