import type { IpAddress } from '../../base/index.ts';
import { MAX_ECHO_EVENTS } from './constants.ts';
import type { EventEntry, EventQueue } from './stack-resources.ts';

export interface EchoReply {
  readonly from: IpAddress;
  readonly identifier: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** One echo reply that waits to be pulled as an event. */
export class EchoReplyEvent implements EventEntry {
  pendingEvents = 0;
  isEventQueued = false;
  readonly reply: EchoReply;
  readonly #replies: EchoReplies;

  constructor(reply: EchoReply, replies: EchoReplies) {
    this.reply = reply;
    this.#replies = replies;
  }

  taken(): EchoReply {
    this.#replies.waiting--;
    return this.reply;
  }
}

/** Echo replies on their way to the program; more than it pulls are dropped. */
export class EchoReplies {
  readonly #events: EventQueue<EventEntry>;
  waiting = 0;

  constructor(events: EventQueue<EventEntry>) {
    this.#events = events;
  }

  /** False when too many wait already. */
  arrived(reply: EchoReply): boolean {
    if (this.waiting >= MAX_ECHO_EVENTS) return false;
    this.waiting++;
    this.#events.raise(new EchoReplyEvent(reply, this), 1);
    return true;
  }
}
