import { type Endpoint, parseIpAddress, unmapIpv4 } from '../../base/index.ts';
import { REMEMBERED_SENDERS } from './constants.ts';

/** Endpoints of those who send to a socket: the same sender gives the same object. */
export class Senders {
  readonly #known = new Map<string, Endpoint>();

  /** `text` is an address as the system writes it. */
  of(text: string, port: number): Endpoint {
    const key = `${text} ${port}`;
    let endpoint = this.#known.get(key);
    if (!endpoint) {
      if (this.#known.size >= REMEMBERED_SENDERS) this.#known.clear();
      endpoint = endpointOf(text, port);
      this.#known.set(key, endpoint);
    }
    return endpoint;
  }
}

/** An endpoint from the text node:dgram gives (which may carry a zone). */
export function endpointOf(text: string, port: number): Endpoint {
  const address = parseIpAddress(text.split('%')[0] as string);
  if (!address) throw new Error(`node:dgram gave an address that is none: ${text}`);
  return { address: unmapIpv4(address), port };
}
