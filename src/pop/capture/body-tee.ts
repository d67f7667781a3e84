import {
  type BodyDescription,
  type CapturedBody,
  capturedBody,
  type HiddenNames,
  omissionOf,
} from '../../core/capture/index.ts';
import { fieldValue } from '../../core/routing/index.ts';
import type { CaptureRoom } from './capture-room.ts';

export interface TeeSettings {
  readonly bodies: boolean;
  readonly bodyBytes: number;
}

/** Keeps the beginning of a body that passes. Never holds it up: where there is no room for it, nothing of it is kept. */
export class BodyTee {
  readonly #description: BodyDescription;
  readonly #settings: TeeSettings;
  readonly #room: CaptureRoom;
  #omitted: CapturedBody['omitted'];
  #parts: Buffer[] = [];
  #keptBytes = 0;
  #bytes = 0;

  constructor(rawFields: readonly string[], settings: TeeSettings, room: CaptureRoom) {
    this.#description = {
      type: fieldValue(rawFields, 'content-type'),
      encoding: fieldValue(rawFields, 'content-encoding'),
    };
    this.#settings = settings;
    this.#room = room;
    this.#omitted = settings.bodies ? omissionOf(this.#description) : 'off';
  }

  take(part: Uint8Array): void {
    this.#bytes += part.length;
    const wanted = Math.min(part.length, this.#settings.bodyBytes - this.#keptBytes);
    if (this.#omitted !== undefined || wanted <= 0) return;
    if (!this.#room.take(wanted)) {
      this.free();
      this.#omitted = 'room';
      return;
    }
    this.#keptBytes += wanted;
    // A copy: what passes belongs to others, and a slice would hold on to all that came with it.
    this.#parts.push(Buffer.from(part.subarray(0, wanted)));
  }

  /** It comes once more from its beginning. */
  restart(): void {
    this.free();
    this.#bytes = 0;
  }

  /** Gives its room back. */
  free(): void {
    this.#room.free(this.#keptBytes);
    this.#keptBytes = 0;
    this.#parts = [];
  }

  /** Undefined where there was none. */
  kept(more: HiddenNames): CapturedBody | undefined {
    if (this.#bytes === 0) return undefined;
    if (this.#omitted !== undefined) return { bytes: this.#bytes, omitted: this.#omitted };
    return capturedBody(this.#description, Buffer.concat(this.#parts), this.#bytes, more);
  }
}
