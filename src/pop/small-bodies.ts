import type { HttpRequest } from '../io/http/message.ts';
import { MAXIMUM_REPLAY_BODY_BYTES, MAXIMUM_REPLAY_BYTES } from './constants.ts';

/**
 * Reads small request bodies before they are sent on, so that a request whose try failed still has its body for the next
 * one. Large ones, and those that do not say how long they are, are streamed and can be sent once.
 */
export class SmallBodies {
  #heldBytes = 0;

  /** Bytes promised to bodies that are being read or kept. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The length of a body that is to be read first; undefined where it is streamed. */
  lengthOf(request: HttpRequest): number | undefined {
    const length = Number(request.headers['content-length'] ?? Number.NaN);
    const fits = length <= MAXIMUM_REPLAY_BODY_BYTES && this.#heldBytes + length <= MAXIMUM_REPLAY_BYTES;
    return fits ? length : undefined;
  }

  /** Reads a body of a length that `lengthOf` gave. `release` it when its exchange is over. */
  read(request: HttpRequest, length: number, whole: (body: Buffer) => void, broken: () => void): void {
    this.#heldBytes += length;
    const parts: Buffer[] = [];
    const settle = (): void => {
      request.off('data', more).off('end', ended).off('close', failed).off('error', failed);
    };
    const more = (part: Buffer): void => void parts.push(part);
    const ended = (): void => {
      settle();
      whole(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));
    };
    const failed = (): void => {
      settle();
      request.on('error', () => undefined);
      broken();
    };
    request.on('data', more).on('end', ended).on('close', failed).on('error', failed);
  }

  release(length: number): void {
    this.#heldBytes -= length;
  }
}
