import type { WebSocket } from 'ws';
import type { Clock, Endpoint } from '../../base/index.ts';
import { carrierEndpoint } from '../../core/overlay/index.ts';
import type { CarrierPort } from '../overlay/overlay-driver.ts';
import { Carrier, type CarrierEnd } from './carrier.ts';

/** Where what arrives goes: the overlay driver. Bytes may be changed where they stand. */
export interface CarrierReceiver {
  receiveCarried(bytes: Uint8Array, offset: number, length: number, from: Endpoint): void;
  /** Answer soon. */
  wake(): void;
}

export interface CarrierCounters {
  opened: number;
  sentDatagrams: number;
  /** Too much waited in the carrier already, or there is none of that endpoint any more. */
  droppedDatagrams: number;
  receivedDatagrams: number;
  readonly ended: Readonly<Partial<Record<CarrierEnd, number>>>;
}

export interface CarriersOptions {
  readonly clock: Clock;
  readonly receiver: CarrierReceiver;
  /** A carrier is over: nothing goes by its endpoint any more. */
  readonly onEnded?: (carrier: Carrier, why: CarrierEnd) => void;
}

/** The open carriers of a node, by their endpoints: what a UDP socket is for datagrams, these are for carried ones. */
export class Carriers implements CarrierPort {
  readonly #options: CarriersOptions;
  readonly #open = new Map<string, Carrier>();
  readonly #unsent = new Set<Carrier>();
  #next = 1;
  #flushAsked = false;
  readonly #past = { opened: 0, sentDatagrams: 0, droppedDatagrams: 0, receivedDatagrams: 0 };
  readonly #ended: Partial<Record<CarrierEnd, number>> = {};

  constructor(options: CarriersOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Takes up an open WebSocket under an endpoint of its own, never used again. */
  add(socket: WebSocket): Carrier {
    const { clock, receiver } = this.#options;
    const carrier = new Carrier(socket, carrierEndpoint(this.#next++), clock, {
      received: (frame, offset, length, from) => receiver.receiveCarried(frame, offset, length, from),
      frameEnded: () => receiver.wake(),
      ended: (ended, why) => this.#remove(ended, why),
    });
    this.#past.opened++;
    this.#open.set(carrier.endpoint.address.text, carrier);
    return carrier;
  }

  /** Sends a datagram by a carrier, together with whatever else goes there in this turn. The bytes may change afterwards. */
  send(to: Endpoint, datagram: Uint8Array): void {
    const carrier = this.#open.get(to.address.text);
    if (!carrier) {
      this.#past.droppedDatagrams++;
      return;
    }
    if (!carrier.send(datagram)) return;
    this.#unsent.add(carrier);
    if (this.#flushAsked) return;
    this.#flushAsked = true;
    // Once what runs now is over: the driver's turn has then said everything.
    process.nextTick(() => this.#flush());
  }

  counters(): CarrierCounters {
    const sum = { ...this.#past, ended: { ...this.#ended } };
    for (const carrier of this.#open.values()) addCounts(sum, carrier);
    return sum;
  }

  close(): void {
    for (const carrier of [...this.#open.values()]) carrier.end('stopped');
  }

  #flush(): void {
    this.#flushAsked = false;
    for (const carrier of this.#unsent) carrier.flush();
    this.#unsent.clear();
  }

  #remove(carrier: Carrier, why: CarrierEnd): void {
    this.#open.delete(carrier.endpoint.address.text);
    this.#unsent.delete(carrier);
    addCounts(this.#past, carrier);
    this.#ended[why] = (this.#ended[why] ?? 0) + 1;
    this.#options.onEnded?.(carrier, why);
  }
}

function addCounts(sum: Omit<CarrierCounters, 'ended' | 'opened'>, carrier: Carrier): void {
  sum.sentDatagrams += carrier.sentDatagrams;
  sum.droppedDatagrams += carrier.droppedDatagrams;
  sum.receivedDatagrams += carrier.receivedDatagrams;
}
