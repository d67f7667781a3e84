/** Asks name servers of others: UDP first, TCP where the answer is too large or the question is. */

import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { Failure } from '../../base/index.ts';
import { type LookupAnswer, type LookupType, readLookup, writeLookup } from '../../core/dns/index.ts';
import { LOOKUP_TCP_MAX_BYTES, LOOKUP_TIMEOUT_MS, LOOKUP_TRIES } from './constants.ts';

export interface DnsServerAddress {
  readonly host: string;
  readonly port: number;
}

/** One question to one server. Rejects with Failure `dns-no-answer` or `dns-answer-unfit`. */
export async function lookUp(
  server: DnsServerAddress,
  name: string,
  type: LookupType,
  options: { readonly recursion: boolean },
): Promise<LookupAnswer> {
  const question = writeLookup(randomInt(0x10000), name, type, options);
  if (!question) throw new Failure('dns-answer-unfit', `${name} is no name that can be asked for`);
  const read = (bytes: Uint8Array): LookupAnswer | undefined => {
    const answer = readLookup(bytes, question);
    return typeof answer === 'string' ? undefined : answer;
  };
  const answer = await overUdp(server, question, read);
  if (!answer.isTruncated) return answer;
  const whole = read(await overTcp(server, question));
  if (!whole) throw new Failure('dns-answer-unfit', `${textOf(server)} answered something else over TCP`);
  return whole;
}

/** What does not fit the question is somebody else's word and is passed over. */
async function overUdp(
  server: DnsServerAddress,
  question: Uint8Array,
  read: (bytes: Uint8Array) => LookupAnswer | undefined,
): Promise<LookupAnswer> {
  const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
  const { promise, resolve, reject } = Promise.withResolvers<LookupAnswer>();
  // Connected, so that the kernel takes datagrams of this server alone, and says when nobody listens there.
  socket.on('error', (error) => reject(new Failure('dns-no-answer', `${textOf(server)}: ${error.message}`, error)));
  socket.on('message', (bytes) => {
    const answer = read(bytes);
    if (answer) resolve(answer);
  });
  let tries = 0;
  const send = (): void => {
    if (++tries > LOOKUP_TRIES) reject(new Failure('dns-no-answer', `${textOf(server)} did not answer in time`));
    else socket.send(question);
  };
  socket.connect(server.port, server.host, send);
  const again = setInterval(send, LOOKUP_TIMEOUT_MS);
  try {
    return await promise;
  } finally {
    clearInterval(again);
    socket.close();
  }
}

/** Sends a message behind its length and gives the first that comes back (RFC 1035 section 4.2.2). */
export async function overTcp(server: DnsServerAddress, message: Uint8Array): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const fail = (why: string, cause?: unknown): void =>
    reject(new Failure('dns-no-answer', `${textOf(server)} over TCP: ${why}`, cause));
  const socket = connect(server.port, server.host);
  let received = Buffer.alloc(0);
  socket.setTimeout(LOOKUP_TIMEOUT_MS * LOOKUP_TRIES, () => fail('no answer in time'));
  socket.on('error', (error) => fail(error.message, error));
  socket.on('close', () => fail('the connection was closed'));
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const whole = received.length >= 2 ? 2 + received.readUInt16BE(0) : LOOKUP_TCP_MAX_BYTES;
    if (received.length >= whole) resolve(received.subarray(2, whole));
  });
  const head = Buffer.alloc(2);
  head.writeUInt16BE(message.length);
  socket.write(Buffer.concat([head, message]));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

export function textOf({ host, port }: DnsServerAddress): string {
  const bare = isIPv6(host) ? `[${host}]` : host;
  return port === 53 ? host : `${bare}:${port}`;
}
