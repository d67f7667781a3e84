/** One TCP connection through a PoP: a WebSocket whose bytes go to a target. */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Random } from '../../base/index.ts';
import { SESSION_COOKIE } from '../../core/session/index.ts';
import type { OutboundAgents } from '../outbound/outbound-agents.ts';
import { WebSocketBytes } from '../web-socket-bytes.ts';
import { REFUSAL_BYTES_MAX, TUNNEL_OPEN_TIMEOUT_MS } from './constants.ts';

/** What lets somebody in; nothing where the resource is open to all. */
export type Pass =
  | { readonly kind: 'none' }
  | { readonly kind: 'session'; readonly token: string }
  | { readonly kind: 'service-token'; readonly token: string };

export type OpenedTunnel =
  /** `renewed`: the session's next token, where there is one. */
  | { readonly kind: 'open'; readonly bytes: WebSocketBytes; readonly renewed: string | undefined }
  /** `code` as in the problem document; `http-NNN` where there is none. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  | { readonly kind: 'unreachable'; readonly cause: unknown };

export interface TunnelParts {
  /** `https://db.example.com:8443` */
  readonly origin: URL;
  readonly agents: OutboundAgents;
  readonly random: Random;
}

/** Never rejects. */
export async function openTunnel({ origin, agents, random }: TunnelParts, pass: Pass): Promise<OpenedTunnel> {
  const url = new URL('/.manis/access/tcp', origin);
  try {
    const way = await agents.requestOptions(url);
    return await new Promise<OpenedTunnel>((resolve, reject) => {
      const asked = request(url, {
        ...way,
        headers: { ...passFields(pass), ...handshakeFields(random) },
      });
      const late = setTimeout(() => asked.destroy(new Error('no answer in time')), TUNNEL_OPEN_TIMEOUT_MS);
      asked.on('close', () => clearTimeout(late));
      asked.on('error', reject);
      asked.on('upgrade', (answer: IncomingMessage, stream: Duplex, head: Buffer) => {
        clearTimeout(late);
        const bytes = new WebSocketBytes({ stream, head, role: 'client', random });
        resolve({ kind: 'open', bytes, renewed: renewedIn(answer) });
      });
      asked.on('response', (answer) => readRefusal(answer).then(resolve, reject));
      asked.end();
    });
  } catch (cause) {
    return { kind: 'unreachable', cause };
  }
}

function passFields(pass: Pass): Record<string, string> {
  if (pass.kind === 'session') return { cookie: `${SESSION_COOKIE}=${pass.token}` };
  return pass.kind === 'service-token' ? { authorization: `Bearer ${pass.token}` } : {};
}

function handshakeFields(random: Random): Record<string, string> {
  return {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.from(random.bytes(16)).toString('base64'),
  };
}

function renewedIn({ headers }: IncomingMessage): string | undefined {
  for (const line of headers['set-cookie'] ?? []) {
    const [pair = ''] = line.split(';');
    if (pair.startsWith(`${SESSION_COOKIE}=`)) return pair.slice(SESSION_COOKIE.length + 1);
  }
  return undefined;
}

async function readRefusal(answer: IncomingMessage): Promise<OpenedTunnel> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > REFUSAL_BYTES_MAX) break;
    parts.push(part);
  }
  return { kind: 'refused', ...problemIn(Buffer.concat(parts).toString(), answer.statusCode ?? 0) };
}

function problemIn(text: string, status: number): { code: string; detail: string } {
  const other = { code: `http-${status}`, detail: `answered ${status}` };
  try {
    const { code, title } = JSON.parse(text) as { code?: unknown; title?: unknown };
    return typeof code === 'string' && typeof title === 'string' ? { code, detail: title } : other;
  } catch {
    return other;
  }
}
