import type { Server as HttpServer, IncomingHttpHeaders } from 'node:http';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { toBase64Url } from '../base/index.ts';
import type { Leaf } from '../io/certificates.ts';
import { LINK_PATH } from '../io/link-constants.ts';
import type { Log } from '../io/log.ts';
import type { StaticFile } from '../io/static-files.ts';
import { createTlsServer } from '../io/tls-server.ts';
import type { ApiContext } from './api/api.ts';
import { API_PREFIX, registerApi } from './api/routes.ts';
import { consoleRoutes } from './console.ts';
import {
  API_BODY_MAX_BYTES,
  API_CONNECTIONS_MAX,
  API_CONNECTIONS_PER_ADDRESS_MAX,
  API_HANDSHAKE_TIMEOUT_MS,
  API_HEADERS_TIMEOUT_MS,
  API_REQUEST_TIMEOUT_MS,
} from './constants.ts';
import type { Control } from './control.ts';
import { asFailure } from './failures.ts';
import { installRoutes } from './install/routes.ts';
import { enrolmentRoutes, internalRoutes } from './internal/routes.ts';
import { problemOf } from './problems.ts';
import { RequestMeter } from './request-meter.ts';
import { RouteMethods } from './unmatched.ts';

/** The one HTTPS listener of control: management API, requests of PoPs, enrolment, and the upgrade to links. */
export interface ControlServer {
  readonly app: FastifyInstance;
  readonly meter: RequestMeter;
  /** A renewed certificate, for connections from now on. */
  setCertificate(leaf: Leaf): void;
  /** Takes no more connections, lets requests finish for `graceMs`, then cuts the rest. */
  close(graceMs: number): Promise<void>;
}

const LISTENER_LIMITS = {
  handshakeTimeoutMs: API_HANDSHAKE_TIMEOUT_MS,
  headersTimeoutMs: API_HEADERS_TIMEOUT_MS,
  requestTimeoutMs: API_REQUEST_TIMEOUT_MS,
  connections: API_CONNECTIONS_MAX,
  connectionsPerAddress: API_CONNECTIONS_PER_ADDRESS_MAX,
};

/** @param consoleFiles of the built console; empty: there is none. */
export function createControlServer(
  context: ApiContext,
  leaf: Leaf,
  consoleFiles: ReadonlyMap<string, StaticFile>,
): ControlServer {
  const { control } = context;
  const { server: https, setCertificate } = createTlsServer(leaf, LISTENER_LIMITS);
  const app = Fastify({
    serverFactory: (handler) => {
      https.on('request', handler);
      // Fastify speaks of an HTTP server; one over TLS is the same to it.
      return https as unknown as HttpServer;
    },
    bodyLimit: API_BODY_MAX_BYTES,
    forceCloseConnections: 'idle',
    // What still comes over a connection that is kept alive is answered like everything before it, and closes it.
    return503OnClosing: false,
    genReqId: (request) => requestIdOf(control, request.headers),
    frameworkErrors: (error, request, reply) => void send(reply as never, problemOf(asFailure(error), request.id)),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const failure = asFailure(error);
    const problem = problemOf(failure, request.id);
    noteUndeclared(control.log, request, problem.code);
    if (problem.status >= 500) logUnexpected(control.log, error, request.id, problem.code);
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    const { retryAfterMs } = problem as { retryAfterMs?: number };
    if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
    return send(reply, problem);
  });
  const routes = new RouteMethods(app);
  app.setNotFoundHandler((request, reply) => {
    const { failure, allow } = routes.failureFor(request.method, pathOf(request.url));
    if (allow !== undefined) reply.header('allow', allow);
    return send(reply, problemOf(failure, request.id));
  });
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
  });
  const meter = new RequestMeter();
  app.addHook('onResponse', async (request, reply) =>
    meter.note(request.routeOptions.url, request.method, reply.statusCode, reply.elapsedTime),
  );
  addRoutes(app, context);
  consoleRoutes(app, consoleFiles, control.random);
  installRoutes(app, control);
  https.on('upgrade', (request, socket, head) => {
    if (pathOf(request.url ?? '') === LINK_PATH) control.links.upgrade(request, socket, head);
    else socket.destroy();
  });
  const close = async (graceMs: number): Promise<void> => {
    const cut = setTimeout(() => https.closeAllConnections(), graceMs);
    await app.close();
    clearTimeout(cut);
  };
  return { app, meter, setCertificate, close };
}

/** The id that a PoP, proved by its link, gave the request it passes on, so that both logs name it alike; else a new one. */
function requestIdOf(control: Control, headers: IncomingHttpHeaders): string {
  const { 'x-manis-request-id': given, 'x-manis-link': link } = headers;
  const isPlain = typeof given === 'string' && /^[\w-]{1,64}$/.test(given);
  if (isPlain && typeof link === 'string' && control.links.popOfHeader(link) !== undefined) return given;
  return toBase64Url(control.random.bytes(12));
}

function addRoutes(app: FastifyInstance, context: ApiContext): void {
  const { control } = context;
  let openApi: Promise<object> | undefined;
  // Nothing here takes texts: what is no JSON is refused as such.
  app.removeContentTypeParser('text/plain');
  app.get('/healthz', async () => ({ status: 'ok', version: control.publisher.current?.version ?? null }));
  app.get(`${API_PREFIX}/openapi.json`, async () => {
    openApi ??= import('./api/openapi.ts').then(({ buildOpenApi }) => buildOpenApi(context));
    return openApi;
  });
  registerApi(app, context);
  app.register(async (scope) => internalRoutes(scope, context), { prefix: '/internal/v1' });
  app.register(async (scope) => enrolmentRoutes(scope, control), { prefix: '/enrol/v1' });
}

function send(
  reply: { code(status: number): typeof reply; type(type: string): typeof reply; send(body: string): unknown },
  problem: { readonly status: number },
) {
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** The document says with which codes an operation refuses; no test passes that meets another one. */
function noteUndeclared(log: Log, { method, routeOptions }: FastifyRequest, code: string): void {
  const { mayRefuse } = routeOptions.config;
  if (mayRefuse && !mayRefuse.has(code))
    log.warn('undeclared refusal', { operation: `${method} ${routeOptions.url}`, code });
}

function logUnexpected(log: Log, error: unknown, requestId: string, code: string): void {
  log.error('request failed', { requestId, code, error });
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}
