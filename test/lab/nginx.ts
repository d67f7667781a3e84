/** nginx in a host, with a configuration made for the occasion. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostProcess } from './host-process.ts';

export const NGINX_REQUIREMENTS = ['nginx'] as const;

/** Where a program can be started: a `Host`, or this machine. */
export interface Starter {
  spawn(command: string, args: readonly string[]): HostProcess;
}

export interface Nginx {
  /** The only process: master and worker in one. */
  readonly process: HostProcess;
  readonly folder: string;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 5_000;

/** One process, as one Node process has one thread; no access log. */
function wholeConfiguration(folder: string, http: string): string {
  return `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
${http}
}
`;
}

/** Starts nginx with the given contents of its `http` block. `files` are put into its folder, `{folder}` names it. */
export async function startNginx(
  starter: Starter,
  http: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'manis-nginx-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, wholeConfiguration(folder, http.replaceAll('{folder}', folder)));
  const started = starter.spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', file]);
  void started.ended.then(() => rmSync(folder, { recursive: true, force: true }));
  // It writes its pid after it has bound its sockets.
  for (let waited = 0; !existsSync(join(folder, 'nginx.pid')); waited += 20) {
    if (!started.isRunning || waited >= START_TIMEOUT_MS) throw new Error(`nginx did not start: ${started.stderr}`);
    await sleep(20);
  }
  return { process: started, folder, close: () => started.stop() };
}
