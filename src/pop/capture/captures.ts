import { type CapturedRequest, isCapturing } from '../../core/capture/index.ts';
import { MAX_CAPTURES_IN_MESSAGE, type PopToControl } from '../../core/link/index.ts';
import type { HttpResponse } from '../../io/http/message.ts';
import type { Counters } from '../counters.ts';
import type { AtResource } from '../door.ts';
import { Capture } from './capture.ts';
import { CaptureRoom } from './capture-room.ts';
import {
  CAPTURE_CHARS_PER_SECOND,
  CAPTURE_MESSAGE_CHARS,
  CAPTURE_ROOM_BYTES,
  CAPTURES_OF_RESOURCE_PER_SECOND,
  CAPTURES_PER_SECOND,
} from './constants.ts';

export type CapturesMessage = Extract<PopToControl, { type: 'captures' }>;

/**
 * Requests that are captured, on their way to control. As with the request log nothing waits for it: what there is no room
 * or no link for is lost, and counted.
 */
export class Captures {
  readonly #counters: Counters;
  readonly #room: CaptureRoom;
  #ended: Capture[] = [];
  /** Of this second, by resource. */
  #begun = new Map<string, number>();
  #begunOfAll = 0;

  constructor(counters: Counters, roomBytes = CAPTURE_ROOM_BYTES) {
    this.#counters = counters;
    this.#room = new CaptureRoom(roomBytes);
  }

  get takenBytes(): number {
    return this.#room.takenBytes;
  }

  /** A request goes to a target: captures it where its resource asks for that. */
  begin(at: AtResource, response: HttpResponse): Capture | undefined {
    const { capture: settings, id } = at.resource.record;
    if (!isCapturing(settings, at.context.nowUnixMs)) return undefined;
    const begun = this.#begun.get(id) ?? 0;
    if (begun >= CAPTURES_OF_RESOURCE_PER_SECOND || this.#begunOfAll >= CAPTURES_PER_SECOND)
      return this.#lost('too-many');
    const capture = Capture.begin(at, settings, this.#room);
    if (!capture) return this.#lost('no-room');
    this.#begun.set(id, begun + 1);
    this.#begunOfAll++;
    at.track.isCaptured = true;
    response.once('close', () => this.#ended.push(capture));
    return capture;
  }

  /** Sends what is over, as much as fits into a second; call each second. Without a link that takes it, it is lost. */
  tick(send: ((message: CapturesMessage) => boolean) | undefined): void {
    this.#begun = new Map();
    this.#begunOfAll = 0;
    let chars = 0;
    let batch: CapturedRequest[] = [];
    let batchChars = 0;
    const flush = (): void => {
      if (batch.length === 0) return;
      const isSent = send?.({ type: 'captures', records: batch }) ?? false;
      this.#counters.add('captures', isSent ? 'sent' : 'no-link', batch.length);
      [batch, batchChars] = [[], 0];
    };
    while (this.#ended.length > 0 && chars < CAPTURE_CHARS_PER_SECOND) {
      const capture = this.#ended.shift() as Capture;
      const captured = send && capture.captured();
      capture.free();
      if (!captured) {
        this.#counters.add('captures', 'no-link');
        continue;
      }
      const length = JSON.stringify(captured).length;
      if (batch.length >= MAX_CAPTURES_IN_MESSAGE || batchChars + length > CAPTURE_MESSAGE_CHARS) flush();
      batch.push(captured);
      batchChars += length;
      chars += length;
    }
    flush();
  }

  #lost(reason: string): undefined {
    this.#counters.add('captures', reason);
    return undefined;
  }
}
