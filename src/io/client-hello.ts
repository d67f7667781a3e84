import type { Socket } from 'node:net';
import { CLIENT_HELLO_MAX_BYTES, CLIENT_HELLO_MAX_RECORDS, PROTOCOLS_MAX } from './client-hello-constants.ts';

/** What the first bytes of a connection are. */
export type ClientHello =
  /** The whole of it is not there before there are this many bytes. */
  | { readonly kind: 'incomplete'; readonly atLeastBytes: number }
  /** `serverName` in lower case; undefined where none is asked for. `protocols`: what comes after the handshake (ALPN). */
  | { readonly kind: 'hello'; readonly serverName: string | undefined; readonly protocols: readonly string[] }
  /** No ClientHello that anybody sends. What is to be said about it is the TLS library's to say. */
  | { readonly kind: 'other' };

const OTHER: ClientHello = { kind: 'other' };
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEAD_BYTES = 5;
const RECORD_MAX_BYTES = 16_384;
const MESSAGE_HEAD_BYTES = 4;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const APPLICATION_PROTOCOLS = 16;

/**
 * Reads which name a client asks for (RFC 6066 section 3), and for which protocols (RFC 7301), from the first bytes of its connection: TLS records (RFC 8446
 * section 5.1) that hold one ClientHello (section 4.1.2).
 *
 *     record   type 22 (1) | version 3.x (2) | length (2) | fragment
 *     message  type 1 (1)  | length (3) | version (2) | random (32) | session id <1> | cipher suites <2> | compression <1> |
 *              extensions <2>: type (2) | length (2) | server_name: list <2> of type 0 (1) | name <2>,
 *              application_layer_protocol_negotiation: list <2> of name <1>
 *
 * Nothing is decided by it but which listener goes on: the TLS library reads the same bytes, and its reading counts.
 */
export function readClientHello(bytes: Uint8Array): ClientHello {
  const message = readMessage(bytes);
  if (!(message instanceof Uint8Array)) return message;
  const extensions = extensionsOf(new Reader(message));
  if (!extensions) return OTHER;
  let serverName: string | undefined;
  let protocols: readonly string[] = [];
  while (extensions.left > 0) {
    const type = extensions.integer(2);
    const body = extensions.vector(2);
    if (type === undefined || !body) return OTHER;
    if (type === SERVER_NAME) {
      serverName = serverNameIn(body);
      if (serverName === undefined) return OTHER;
    } else if (type === APPLICATION_PROTOCOLS) protocols = protocolsIn(body);
  }
  return { kind: 'hello', serverName, protocols };
}

/** The ClientHello put together from its records. */
function readMessage(bytes: Uint8Array): Uint8Array | ClientHello {
  const fragments: Uint8Array[] = [];
  let length = 0;
  let at = 0;
  for (let records = 0; records < CLIENT_HELLO_MAX_RECORDS; records++) {
    const head = bytes.subarray(at, at + RECORD_HEAD_BYTES);
    if ((head.length > 0 && head[0] !== HANDSHAKE) || (head.length > 1 && head[1] !== 3)) return OTHER;
    if (head.length < RECORD_HEAD_BYTES) return incomplete(at + RECORD_HEAD_BYTES);
    const size = ((head[3] as number) << 8) | (head[4] as number);
    at += RECORD_HEAD_BYTES;
    if (size === 0 || size > RECORD_MAX_BYTES) return OTHER;
    if (bytes.length < at + size) return incomplete(at + size);
    fragments.push(bytes.subarray(at, at + size));
    length += size;
    at += size;
    const whole = length < MESSAGE_HEAD_BYTES ? undefined : wholeMessage(fragments, length);
    if (whole === 'other') return OTHER;
    if (whole) return whole;
  }
  return OTHER;
}

/** Undefined while more records have to come. */
function wholeMessage(fragments: readonly Uint8Array[], length: number): Uint8Array | 'other' | undefined {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const fragment of fragments) {
    joined.set(fragment, at);
    at += fragment.length;
  }
  const reader = new Reader(joined);
  if (reader.integer(1) !== CLIENT_HELLO) return 'other';
  const size = reader.integer(3) ?? 0;
  if (size > CLIENT_HELLO_MAX_BYTES) return 'other';
  return reader.left < size ? undefined : joined.subarray(MESSAGE_HEAD_BYTES, MESSAGE_HEAD_BYTES + size);
}

function incomplete(atLeastBytes: number): ClientHello {
  return atLeastBytes > CLIENT_HELLO_MAX_BYTES ? OTHER : { kind: 'incomplete', atLeastBytes };
}

/** Passes over what comes before the extensions. Undefined where there are none. */
function extensionsOf(hello: Reader): Reader | undefined {
  hello.take(2 + 32);
  const isWhole = hello.vector(1) && hello.vector(2) && hello.vector(1);
  return isWhole ? hello.vector(2) : undefined;
}

/** Undefined where it is no host name. */
function serverNameIn(body: Reader): string | undefined {
  const list = body.vector(2);
  const type = list?.integer(1);
  const name = list?.vector(2);
  if (type !== HOST_NAME || !name) return undefined;
  return textOf(name).toLowerCase();
}

/** As far as they can be read. */
function protocolsIn(body: Reader): string[] {
  const list = body.vector(2);
  const protocols: string[] = [];
  for (let name = list?.vector(1); name && protocols.length < PROTOCOLS_MAX; name = list?.vector(1))
    protocols.push(textOf(name));
  return protocols;
}

function textOf(name: Reader): string {
  return String.fromCharCode(...name.take(Math.min(name.left, 255)));
}

/** Reads big-endian integers and vectors with a length before them; undefined where there are too few bytes. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  integer(bytes: number): number | undefined {
    if (this.left < bytes) return undefined;
    let value = 0;
    for (const byte of this.take(bytes)) value = value * 256 + byte;
    return value;
  }

  vector(lengthBytes: number): Reader | undefined {
    const length = this.integer(lengthBytes);
    return length === undefined || this.left < length ? undefined : new Reader(this.take(length));
  }

  /** As many of these bytes as there are. */
  take(bytes: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + bytes);
    this.#at += taken.length;
    return taken;
  }
}

/**
 * The name that a new connection asks for; see `peekClientHello`. Whoever takes the bytes as they are, half-closed
 * perhaps, calls `letGo` in that turn.
 */
export function peekServerName(
  socket: Socket,
  timeoutMs: number,
  found: (serverName: string | undefined, letGo: () => void) => void,
): void {
  peekClientHello(socket, timeoutMs, (hello, letGo) =>
    found(hello.kind === 'hello' ? hello.serverName : undefined, letGo),
  );
}

/**
 * Looks at what a new connection asks for, puts the bytes back, and says it: once, and in the same turn, so that whoever
 * goes on misses nothing. A connection that ends, or takes longer than `timeoutMs`, is closed and nothing is said.
 */
export function peekClientHello(
  socket: Socket,
  timeoutMs: number,
  found: (hello: Exclude<ClientHello, { kind: 'incomplete' }>, letGo: () => void) => void,
): void {
  const parts: Buffer[] = [];
  let length = 0;
  let needed = 1;
  const over = (): void => {
    clearTimeout(late);
    socket.off('readable', read);
    socket.off('close', over);
    socket.off('error', giveUp);
  };
  const late = setTimeout(() => socket.destroy(), timeoutMs);
  const read = (): void => {
    for (let part = socket.read() as Buffer | null; part !== null; part = socket.read() as Buffer | null) {
      parts.push(part);
      length += part.length;
    }
    if (length < needed) return;
    const bytes = Buffer.concat(parts);
    const hello = readClientHello(bytes);
    if (hello.kind === 'incomplete') {
      needed = hello.atLeastBytes;
      return;
    }
    over();
    socket.unshift(bytes);
    found(hello, () => socket.off('end', giveUp));
  };
  socket.on('readable', read);
  // This one stays: an end that came with the first bytes is heard of when those are read again, and by nobody else. As
  // it is a function that all share, nothing of the look is held on to.
  socket.on('end', giveUp);
  socket.on('close', over);
  socket.on('error', giveUp);
}

function giveUp(this: Socket): void {
  this.destroy();
}
