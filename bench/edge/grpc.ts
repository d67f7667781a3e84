/** A gRPC server as fast as can be had, and unary calls to it by h2load. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../test/lab/host.ts';
import { startNginx } from '../../test/lab/nginx.ts';
import { type LoadResult, runH2load } from './h2load.ts';
import type { Route } from './routes.ts';

export const GRPC_PORT = 8_082;
const MESSAGE_PORT = 8_083;
/** It tells the trailers of an answer. */
export const GRPC_REQUIREMENTS = ['nghttp'] as const;
/** `/package.Service/Method`. */
const METHOD = '/manis.Echo/Unary';
/** A frame of gRPC: not compressed, the length in four bytes, the message. */
const MESSAGE = `\0\0\0\0\x64${'x'.repeat(100)}`;
const FIELDS = { 'content-type': 'application/grpc', te: 'trailers' };

/**
 * nginx reads each call and answers it with one message and the status of gRPC in trailers: no server in Node is as fast. It
 * asks itself for the message, as an answer before the end of a call would be taken for a failure.
 */
export async function startGrpcServer(host: Host): Promise<void> {
  const configuration = `
    upstream message { server 127.0.0.1:${MESSAGE_PORT}; keepalive 64; }
    server { listen ${MESSAGE_PORT}; root {folder}; default_type application/grpc; }
    server {
      listen ${GRPC_PORT} http2;
      location / {
        rewrite ^ /answer break;
        proxy_pass http://message;
        proxy_method GET;
        proxy_pass_request_body off;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Content-Length "";
        add_trailer grpc-status 0;
      }
    }`;
  await startNginx(host, configuration, { answer: MESSAGE });
}

/** Throws where calls do not succeed: over HTTP/2 an error of gRPC has the status 200, too. */
export async function callGrpc(
  host: Host,
  route: Route,
  load: { readonly connections: number; readonly streams: number; readonly seconds: number },
): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'manis-grpc-'));
  try {
    const dataFile = join(folder, 'message');
    writeFileSync(dataFile, MESSAGE);
    const url = `${route.origin}${METHOD}`;
    const headers = { ...route.headers, ...FIELDS };
    const result = await runH2load(host, { ...load, url, headers, dataFile });
    const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name.toLowerCase()}: ${value}`]);
    const one = await host.spawn('nghttp', ['-nv', '-d', dataFile, ...fields, url]).success();
    if (!/grpc-status: 0/.test(one)) throw new Error(`a call through ${route.name} failed: ${one}`);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
