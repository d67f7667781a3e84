import type { Duplex } from 'node:stream';
import { type HealthReason, type HttpCheck, isExpected, type TargetCheck } from '../core/routing/index.ts';
import { type BackendRefusal, dialBackend } from './backend-dial.ts';
import { CHECK_ANSWER_HEADER_BYTES } from './check-constants.ts';

/** Fields of every check over HTTP. The connection is closed after it: a check is to see that new ones are taken. */
const FIELDS = ['User-Agent', 'manis-check', 'Accept', '*/*', 'Connection', 'close'];

/** What becomes of a dial for a check. `no-way`: nothing led there, which says nothing of the target. */
export interface CheckAnswer {
  connected(stream: Duplex): void;
  failed(refusal: BackendRefusal | 'no-way', code: string): void;
}

/** Opens a stream to a target; exactly one of the answers is given, none after it was destroyed. */
export type CheckDial = (host: string, port: number, timeoutMs: number, answer: CheckAnswer) => { destroy(): unknown };

/**
 * Makes one check of a target: resolves with `ok`, or with why it failed; never rejects. It takes no longer than the
 * check may. Only the head of an answer is read, and redirects are answers like others. Undefined where nothing led there.
 */
export function checkTarget(
  { host, port }: { readonly host: string; readonly port: number },
  check: TargetCheck,
  signal: AbortSignal,
  dial: CheckDial = dialBackend,
): Promise<HealthReason | undefined> {
  return new Promise((resolve) => {
    const settle = (reason: HealthReason | undefined): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', stopped);
      socket.destroy();
      resolve(reason);
    };
    const stopped = (): void => settle('timed-out');
    const late = setTimeout(stopped, check.timeoutMs);
    signal.addEventListener('abort', stopped);
    const socket = dial(host, port, check.timeoutMs, {
      failed: (refusal, code) => settle(refusal === 'no-way' ? undefined : failedAs(refusal, code)),
      connected: (stream) => {
        if (check.kind === 'tcp') settle('ok');
        else
          ask(stream, check).then(settle, () => {
            settle('malformed');
          });
      },
    });
  });
}

async function ask(stream: Duplex, check: HttpCheck): Promise<HealthReason> {
  const { tls, timeoutMs } = check;
  if (!tls) return statusOf(stream, check);
  const { secureStream } = await import('./secure-stream.ts');
  const options = { serverName: tls.serverName ?? '', verify: tls.verify, timeoutMs };
  const secured = await secureStream(stream, options).catch(() => undefined);
  return secured ? statusOf(secured, check) : 'tls-failed';
}

async function statusOf(stream: Duplex, { method, path, host, headers, expected }: HttpCheck): Promise<HealthReason> {
  // Where no target asks for it, nothing speaks HTTP.
  const { request: httpRequest } = await import('node:http');
  return new Promise((resolve, reject) => {
    const judge = (status: number): void => resolve(isExpected(status, expected) ? 'ok' : `status-${status}`);
    try {
      const asked = httpRequest({
        method,
        path,
        headers: ['Host', host, ...FIELDS, ...Object.entries(headers).flat()],
        setHost: false,
        maxHeaderSize: CHECK_ANSWER_HEADER_BYTES,
        createConnection: () => stream as never,
      });
      asked.on('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code?.startsWith('HPE_') ? 'malformed' : 'closed'),
      );
      asked.on('response', (answer) => {
        answer.on('error', () => undefined).destroy();
        judge(answer.statusCode ?? 0);
      });
      asked.on('upgrade', (answer, upgraded) => {
        upgraded.destroy();
        judge(answer.statusCode ?? 0);
      });
      asked.end();
    } catch (error) {
      reject(error);
    }
  });
}

function failedAs(refusal: BackendRefusal, code: string): HealthReason {
  if (refusal === 'refused') return 'connect-refused';
  return code === 'ETIMEDOUT' ? 'timed-out' : 'unreachable';
}
