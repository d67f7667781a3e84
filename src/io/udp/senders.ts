import { type Endpoint, parseIpAddress, unmapIpv4 } from '../../base/index.ts';
import { REMEMBERED_SENDERS } from './constants.ts';

/** Endpoints of those who send to a socket: the same sender gives the same object. */
export class Senders {
  readonly #known = new Map<string, Endpoint>();
  /** The same ones of IPv4, by address and port as one number: no text is made of what is known. */
  readonly #knownIpv4 = new Map<number, Endpoint>();

  /** `text` is an address as the system writes it. */
  of(text: string, port: number): Endpoint {
    const key = `${text} ${port}`;
    let endpoint = this.#known.get(key);
    if (!endpoint) {
      if (this.#known.size >= REMEMBERED_SENDERS) this.#forget();
      endpoint = endpointOf(text, port);
      this.#known.set(key, endpoint);
    }
    return endpoint;
  }

  /** @param bytes of an IPv4 address */
  ofIpv4(bytes: Uint8Array, port: number): Endpoint {
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) * 65_536 + port;
    const known = this.#knownIpv4.get(number);
    if (known) return known;
    const endpoint = this.of(bytes.join('.'), port);
    this.#knownIpv4.set(number, endpoint);
    return endpoint;
  }

  #forget(): void {
    this.#known.clear();
    this.#knownIpv4.clear();
  }
}

/** An endpoint from the text node:dgram gives (which may carry a zone). */
export function endpointOf(text: string, port: number): Endpoint {
  const address = parseIpAddress(text.split('%')[0] as string);
  if (!address) throw new Error(`node:dgram gave an address that is none: ${text}`);
  return { address: unmapIpv4(address), port };
}
