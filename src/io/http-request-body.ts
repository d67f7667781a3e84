import type { HttpRequest } from './http/message.ts';

interface WithBody {
  readonly incoming: HttpRequest;
  readonly takes?: (bytes: number, part?: Uint8Array) => boolean;
}

/** Whoever looks on wants no more of the request's body. */
export class BodyRefused extends Error {
  override readonly name = 'BodyRefused';
}

/** The client's body as undici takes it: pulled chunk by chunk, and never destroyed by undici. */
export class RequestBody {
  started = false;
  readonly #request: WithBody;

  constructor(request: WithBody) {
    this.#request = request;
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    this.started = true;
    const { incoming, takes } = this.#request;
    const parts: AsyncIterator<Buffer> = incoming.iterator({ destroyOnReturn: false });
    if (!takes) return parts;
    return {
      ...{ return: () => parts.return?.() ?? Promise.resolve({ done: true, value: undefined }) },
      async next() {
        const part = await parts.next();
        if (part.done !== true && !takes(part.value.length, part.value)) throw new BodyRefused('the body is too long');
        return part;
      },
    };
  }
}
