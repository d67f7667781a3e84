import type { Duplex } from 'node:stream';
import { type HealthReason, type HttpCheck, isExpected, type TargetCheck } from '../core/routing/index.ts';
import { type BackendPlace, type BackendRefusal, dialBackend } from './backend-dial.ts';
import { CHECK_ANSWER_HEADER_BYTES } from './check-constants.ts';

/** Fields of every check over HTTP. The connection is closed after it: a check is to see that new ones are taken. */
const FIELDS = ['User-Agent', 'manis-check', 'Accept', '*/*', 'Connection', 'close'];

/** What becomes of a dial for a check. `no-way`: nothing led there, which says nothing of the target. */
export interface CheckAnswer {
  connected(stream: Duplex): void;
  failed(refusal: BackendRefusal | 'no-way', code: string): void;
}

/** Opens a stream to a target; exactly one of the answers is given, none after it was destroyed. */
export type CheckDial = (place: BackendPlace, timeoutMs: number, answer: CheckAnswer) => { destroy(): unknown };

/**
 * Makes one check of a target: resolves with `ok`, or with why it failed; never rejects. It takes no longer than the
 * check may. Only the head of an answer is read, and redirects are answers like others. Undefined where nothing led there.
 */
export function checkTarget(
  place: BackendPlace,
  check: TargetCheck,
  signal: AbortSignal,
  dial: CheckDial = dialBackend,
): Promise<HealthReason | undefined> {
  return new Promise((resolve) => {
    const settle = (reason: HealthReason | undefined): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', stopped);
      attempt.destroy();
      opened?.destroy();
      resolve(reason);
    };
    let opened: Duplex | undefined;
    const stopped = (): void => settle('timed-out');
    const late = setTimeout(stopped, check.timeoutMs);
    signal.addEventListener('abort', stopped);
    const attempt = dial(place, check.timeoutMs, {
      failed: (refusal, code) => settle(refusal === 'no-way' ? undefined : failedAs(refusal, code)),
      connected: (stream) => {
        opened = stream;
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
  const { tls, protocol, timeoutMs } = check;
  const status = protocol === 'h2' ? statusOverHttp2 : statusOf;
  if (!tls) return status(stream, check);
  const { secureStream, TlsFailure } = await import('./secure-stream.ts');
  const { serverName = '', verify, caPem: ca } = tls;
  try {
    const secured = await secureStream(stream, { serverName, verify, ca, protocol, timeoutMs });
    return tls.onlyHandshake ? 'ok' : await status(secured, check);
  } catch (error) {
    return error instanceof TlsFailure ? error.fault : 'tls-failed';
  }
}

async function statusOverHttp2(stream: Duplex, check: HttpCheck): Promise<HealthReason> {
  const { askOverHttp2 } = await import('./check-over-http2.ts');
  const status = await askOverHttp2(stream, check);
  if (typeof status === 'string') return status;
  return isExpected(status, check.expected) ? 'ok' : `status-${status}`;
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
