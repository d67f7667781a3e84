/** Backends of four kinds, each of which tells which requests it took the bytes it got for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateOfPlace } from '../../../src/io/listening.ts';
import { freePort } from '../../../src/testing/free-ports.ts';

/** A request as a backend understood it. */
export interface SeenRequest {
  readonly id: string;
  readonly probe: string;
  readonly method: string;
  /** As it was on the wire. */
  readonly target: string;
  /** As the backend goes by: decoded, without a query. Undefined where it has no idea of its own. */
  readonly path: string | undefined;
}

export interface Backend {
  readonly name: string;
  readonly port: number;
  seen(): readonly SeenRequest[];
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

export async function startNode(): Promise<Backend> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const { 'x-manis-request-id': id, 'x-probe': probe } = request.headers;
    const target = request.url ?? '';
    seen.push({
      id: String(id ?? ''),
      probe: String(probe ?? ''),
      method: request.method ?? '',
      target,
      path: undefined,
    });
    request.resume().on('end', () => response.end('ok'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    name: 'node',
    port,
    seen: () => seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function startNginx(): Promise<Backend> {
  return startLogging('nginx', (folder, port) => {
    const configuration = `daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log /dev/null;
events { worker_connections 1024; }
http {
  log_format seen escape=json '$http_x_manis_request_id\\t$http_x_probe\\t$request_method\\t$request_uri\\t$uri';
  access_log ${folder}/seen.log seen;
  large_client_header_buffers 8 128k;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; location / { return 200 ok; } }
}`;
    writeFileSync(join(folder, 'nginx.conf'), configuration);
    return ['nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]];
  });
}

export function startApache(): Promise<Backend> {
  return startLogging('apache2', (folder, port) => {
    const modules = ['mpm_event', 'authz_core', 'reqtimeout'];
    const configuration = `ServerRoot ${folder}
ServerName localhost
PidFile ${folder}/pid
DefaultRuntimeDir ${folder}
Listen 127.0.0.1:${port}
User www-data
Group www-data
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ErrorLog /dev/null
AllowEncodedSlashes NoDecode
LimitRequestLine 131072
LimitRequestFieldSize 131072
LimitRequestFields 400
LogFormat "%{X-Manis-Request-Id}i\\t%{X-Probe}i\\t%m\\t%r\\t%U" seen
CustomLog ${folder}/seen.log seen
<Directory />
  Require all granted
</Directory>
`;
    writeFileSync(join(folder, 'apache.conf'), configuration);
    return ['apache2', ['-X', '-f', join(folder, 'apache.conf')]];
  });
}

const PYTHON = `
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

log = open(sys.argv[2], 'a', buffering=1)

class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def seen(self):
        fields = [self.headers.get('X-Manis-Request-Id', ''), self.headers.get('X-Probe', ''), self.command, self.path, '']
        log.write('\\t'.join(fields) + '\\n')
        if self.headers.get('Transfer-Encoding', '').lower() == 'chunked':
            while True:
                size = int(self.rfile.readline().split(b';')[0], 16)
                self.rfile.read(size)
                if size == 0:
                    while self.rfile.readline() not in (b'\\r\\n', b''):
                        pass
                    break
                self.rfile.readline()
        else:
            self.rfile.read(int(self.headers.get('Content-Length', '0')))
        self.send_response(200)
        self.send_header('Content-Length', '2')
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(b'ok')

    def __getattr__(self, name):
        if name.startswith('do_'):
            return self.seen
        raise AttributeError(name)

    def log_message(self, *arguments):
        pass

ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
`;

export function startPython(): Promise<Backend> {
  return startLogging('python3', (folder, port) => {
    writeFileSync(join(folder, 'backend.py'), PYTHON);
    return ['python3', [join(folder, 'backend.py'), String(port), join(folder, 'seen.log')]];
  });
}

/** A program that writes a line of tab-separated fields for every request into `seen.log` of its folder. */
async function startLogging(
  name: string,
  prepare: (folder: string, port: number) => [string, readonly string[]],
): Promise<Backend> {
  const folder = mkdtempSync(join(tmpdir(), 'manis-smuggling-'));
  const port = await freePort();
  const [command, args] = prepare(folder, port);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk) => (complaint += chunk));
  for (let waitedMs = 0; (await stateOf(port)) === 'free'; waitedMs += 50) {
    if (child.exitCode !== null || waitedMs > START_TIMEOUT_MS) throw new Error(`${name} did not start: ${complaint}`);
    await sleep(50);
  }
  const log = join(folder, 'seen.log');
  return {
    name,
    port,
    seen: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean).map(lineOf) : []),
    stop: () => stop(child, folder),
  };
}

function lineOf(line: string): SeenRequest {
  const [id = '', probe = '', method = '', request = '', path = ''] = line.split('\t');
  // Apache logs the whole request line, with what it cannot print escaped.
  const target = /^\S+ (.*) HTTP\/[\d.]+$/.exec(request)?.[1] ?? request;
  const none = (text: string) => (text === '-' ? '' : text);
  return { id: none(id), probe: none(probe), method, target, path: path === '' ? undefined : unescaped(path) };
}

/** Both write bytes that do not print as `\xhh` or `\\uhhhh`. */
function unescaped(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})|\\u00([0-9A-F]{2})/gi, (_all, a: string, b: string) =>
    String.fromCharCode(Number.parseInt(a ?? b, 16)),
  );
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null && child.kill('SIGTERM')) await ended;
  rmSync(folder, { recursive: true, force: true });
}

function stateOf(port: number) {
  return stateOfPlace({ protocol: 'tcp', host: '127.0.0.1', port });
}
