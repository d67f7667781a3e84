/** Turns pending event bits into the events that the program pulls. */
import type { NetstackEvent } from './api.ts';
import { EchoReplyEvent } from './echo-replies.ts';
import { Attempt, EVENT_ACCEPT } from './listeners.ts';
import type { EventEntry, EventQueue } from './stack-resources.ts';
import { Connection } from './tcp/connection.ts';
import {
  EVENT_CLOSED,
  EVENT_CONNECTED,
  EVENT_FAILED,
  EVENT_PEER_FINISHED,
  EVENT_READABLE,
  EVENT_WRITABLE,
} from './tcp/control-block.ts';
import { BoundUdpSocket } from './udp-sockets.ts';

export function pullEvent(events: EventQueue<EventEntry>): NetstackEvent | undefined {
  const entry = events.peek();
  if (!entry) return undefined;
  // The lowest bit is the event that comes first in the life of a connection.
  const bit = entry.pendingEvents & -entry.pendingEvents;
  entry.pendingEvents &= ~bit;
  if (entry instanceof Connection) return connectionEvent(entry, bit);
  if (entry instanceof Attempt) return { kind: bit === EVENT_ACCEPT ? 'accept' : 'withdrawn', attempt: entry };
  if (entry instanceof BoundUdpSocket) return { kind: 'datagram', socket: entry };
  if (entry instanceof EchoReplyEvent) return { kind: 'echoReply', ...entry.taken() };
  throw new Error('an unknown kind of entry is in the event queue');
}

function connectionEvent(connection: Connection, bit: number): NetstackEvent {
  switch (bit) {
    case EVENT_CONNECTED:
      return { kind: 'connected', connection };
    case EVENT_READABLE:
      return { kind: 'readable', connection };
    case EVENT_WRITABLE:
      return { kind: 'writable', connection };
    case EVENT_PEER_FINISHED:
      return { kind: 'peerFinished', connection };
    case EVENT_CLOSED:
      return { kind: 'closed', connection };
    case EVENT_FAILED:
      return { kind: 'failed', connection, reason: connection.failure ?? 'reset' };
    default:
      throw new Error(`unknown event bit ${bit}`);
  }
}
