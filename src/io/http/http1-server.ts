import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CARRIER_PATH } from '../../core/carrier/index.ts';
import type { LeavingConnections } from '../leaving-connections.ts';
import type { OpenConnections } from '../open-connections.ts';
import type { HttpHandlers, MalformedReason } from './handlers.ts';
import { Http1Upgrade } from './http1-upgrade.ts';

/** Hands what a server of HTTP/1.1 (RFC 9112) brings to the handlers. */
export function attachHttp1(
  server: Server,
  handlers: HttpHandlers,
  leaving: LeavingConnections,
  open: OpenConnections,
): void {
  const begin = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void => {
    if (!isOfVersion1(request)) return void refuseVersion(request, handlers);
    (request.socket as AnsweringSocket)[LAST_ANSWER] = response;
    leaving.answers(response);
    handlers.request(request, response, expectsContinue);
  };
  server.on('request', (request, response) => begin(request, response, false));
  server.on('checkContinue', (request, response) => begin(request, response, true));
  server.on('checkExpectation', (request: IncomingMessage) => {
    handlers.malformed('http-expectation-unknown');
    refuse(request.socket, '417 Expectation Failed');
  });
  server.on('upgrade', (request, socket, head) => {
    leaving.remove(request.socket);
    if (!isOfVersion1(request)) return void refuseVersion(request, handlers);
    // The answers to earlier requests would be written into the WebSocket.
    if (isAnswering(request.socket)) {
      handlers.malformed('http-upgrade-pipelined');
      socket.destroy();
    } else if (handlers.carrier && request.url === CARRIER_PATH) {
      open.carrierOpened(socket);
      handlers.carrier(request, socket, head);
    } else handlers.upgrade(new Http1Upgrade(request, socket, head));
  });
  server.on('connect', (_request, socket) => {
    handlers.malformed('http-connect-method');
    refuse(socket, '405 Method Not Allowed');
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // A connection that just ended or was reset said nothing wrong.
    if (!error.code?.startsWith('HPE_') && error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') return void socket.destroy();
    const [reason, status] = malformedBy(error.code);
    handlers.malformed(reason);
    if (isAnswering(socket)) socket.destroy();
    else refuse(socket, status);
  });
}

/** Node's parser takes a line that says `HTTP/2.0`, too. Who says 2 by these means would have what belongs to HTTP/2 alone. */
function isOfVersion1({ httpVersion }: IncomingMessage): boolean {
  return httpVersion === '1.1' || httpVersion === '1.0';
}

function refuseVersion({ socket }: IncomingMessage, handlers: HttpHandlers): void {
  handlers.malformed('http-version-unknown');
  if (isAnswering(socket)) socket.destroy();
  else refuse(socket, '505 HTTP Version Not Supported');
}

const LAST_ANSWER = Symbol('the answer to the last request of the connection');
type AnsweringSocket = Duplex & { [LAST_ANSWER]?: ServerResponse };

/** Whether an answer is still being given; answers go out in order, so the last one is the one to look at. */
export function isAnswering(socket: Duplex): boolean {
  const last = (socket as AnsweringSocket)[LAST_ANSWER];
  return last !== undefined && !last.writableFinished;
}

function malformedBy(code: string): [MalformedReason, string] {
  if (code === 'HPE_HEADER_OVERFLOW') return ['http-head-too-large', '431 Request Header Fields Too Large'];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ['http-head-too-slow', '408 Request Timeout'];
  return ['http-malformed', '400 Bad Request'];
}

/** Answers where there is no request to answer to, and closes. */
function refuse(socket: Duplex, status: string): void {
  // Node has let go of the sockets of CONNECT requests: whoever resets one while it is answered must not end the program.
  socket.on('error', () => undefined);
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ title: status.slice(4), status: Number(status.slice(0, 3)) });
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\n` +
      `Cache-Control: no-store\r\nConnection: close\r\n\r\n${body}`,
  );
}

/**
 * A connection on which nothing moves is cut when it is the client that has to act: it reads too slowly, or sends a
 * body too slowly. While the backend is the one to act (a long poll, server-sent events) the silence is allowed.
 */
export function cutIdle(server: Server, idleMs: number): void {
  server.setTimeout(idleMs, (socket) => {
    const { _httpMessage: answer } = socket as Socket & { _httpMessage?: ServerResponse };
    const clientMustAct = !answer || socket.writableLength > 0 || !answer.req.complete;
    if (clientMustAct) socket.destroy();
    else socket.setTimeout(idleMs);
  });
}
