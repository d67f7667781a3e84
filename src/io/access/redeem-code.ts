/** A one-time code becomes a session, for whoever has the verifier. */
import { request } from 'node:https';
import { Failure } from '../../base/index.ts';
import type { OutboundAgents } from '../outbound/outbound-agents.ts';
import { REFUSAL_BYTES_MAX, TUNNEL_OPEN_TIMEOUT_MS } from './constants.ts';

/** Gives the session's token. Rejects with Failure `sign-in-failed`. */
export async function redeemCode(
  { origin, agents }: { readonly origin: URL; readonly agents: OutboundAgents },
  code: string,
  verifier: string,
): Promise<string> {
  const url = new URL('/.manis/access/token', origin);
  const way = await agents.requestOptions(url);
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request(url, {
      ...way,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const late = setTimeout(() => asked.destroy(new Error('no answer in time')), TUNNEL_OPEN_TIMEOUT_MS);
    asked.on('close', () => clearTimeout(late));
    asked.on('error', reject);
    asked.on('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        body = (body + part).slice(0, REFUSAL_BYTES_MAX);
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: body }));
    });
    asked.end(String(new URLSearchParams({ code, verifier })));
  }).catch((cause: unknown) => {
    throw new Failure('sign-in-failed', `${origin.host} did not answer: ${(cause as Error).message}`, cause);
  });
  const token = status === 200 ? tokenIn(text) : undefined;
  if (token === undefined)
    throw new Failure(
      'sign-in-failed',
      `${origin.host} did not take the code (${status}): it is good for half a minute`,
    );
  return token;
}

function tokenIn(text: string): string | undefined {
  try {
    const { token } = JSON.parse(text) as { token?: unknown };
    return typeof token === 'string' && /^[A-Za-z0-9._-]+$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}
