import { DeadlineHeap, type IpAddress, randomUint32 } from '../../base/index.ts';
import type { NetstackLimits, NetstackOptions } from './api.ts';
import { ConnectionSecrets } from './connection-secrets.ts';
import { ConnectionTable } from './connection-table.ts';
import {
  ECHO_REPLIES_PER_SECOND,
  ICMP_ERRORS_PER_SECOND,
  MAX_ATTEMPTS,
  MAX_CONNECTIONS,
  MAX_TIME_WAIT,
  MEMORY_BYTES,
  RECEIVE_BUFFER_MAX_BYTES,
  RESETS_PER_SECOND,
  SEND_BUFFER_MAX_BYTES,
} from './constants.ts';
import { ControlPackets } from './control-packets.ts';
import { Counters } from './counters.ts';
import { OwnAddresses } from './own-addresses.ts';
import { PathMtus } from './path-mtus.ts';
import { RateLimit } from './rate-limit.ts';
import { ReadyRing } from './ready-ring.ts';
import { type EventEntry, EventQueue, MemoryBudget, type StackResources } from './stack-resources.ts';
import type { ControlBlock } from './tcp/control-block.ts';
import { forget } from './tcp/lifecycle.ts';
import { SegmentPool } from './tcp/sent-segment.ts';
import { ACK, RST } from './wire/tcp.ts';

const DEFAULT_LIMITS: NetstackLimits = {
  maxConnections: MAX_CONNECTIONS,
  maxAttempts: MAX_ATTEMPTS,
  memoryBytes: MEMORY_BYTES,
  receiveBufferBytes: RECEIVE_BUFFER_MAX_BYTES,
  sendBufferBytes: SEND_BUFFER_MAX_BYTES,
};

/** Everything that the parts of one stack share. */
export class Stack implements StackResources<ControlBlock> {
  readonly limits: NetstackLimits;
  /** Largest packet, as the MSS that we offer says. */
  readonly mtu: number;
  readonly pathMtus: PathMtus;
  readonly addresses: OwnAddresses;
  readonly secrets: ConnectionSecrets;
  readonly counters = new Counters();
  readonly memory: MemoryBudget;
  readonly pool = new SegmentPool();
  readonly ready = new ReadyRing<ControlBlock>();
  readonly deadlines = new DeadlineHeap<ControlBlock>();
  readonly events = new EventQueue<EventEntry>();
  readonly table: ConnectionTable;
  readonly packets: ControlPackets;
  readonly resetLimit: RateLimit;
  readonly icmpLimit: RateLimit;
  readonly echoLimit: RateLimit;
  /** In the order of entry. */
  readonly #timeWait = new Set<ControlBlock>();
  /** Time of the last `receivePacket` or `poll`. */
  nowMs: number;

  constructor(options: NetstackOptions) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.mtu = options.mtu;
    this.pathMtus = new PathMtus(options.mtu);
    this.nowMs = options.nowMs;
    this.addresses = new OwnAddresses(options.addresses);
    this.secrets = new ConnectionSecrets(options.random);
    this.memory = new MemoryBudget(this.limits.memoryBytes);
    this.table = new ConnectionTable(randomUint32(options.random));
    this.packets = new ControlPackets(this.counters);
    this.resetLimit = new RateLimit(RESETS_PER_SECOND, options.nowMs);
    this.icmpLimit = new RateLimit(ICMP_ERRORS_PER_SECOND, options.nowMs);
    this.echoLimit = new RateLimit(ECHO_REPLIES_PER_SECOND, options.nowMs);
  }

  sourceFor(destination: IpAddress): IpAddress | undefined {
    return this.addresses.sourceFor(destination);
  }

  get timeWaitCount(): number {
    return this.#timeWait.size;
  }

  forget(block: ControlBlock): void {
    this.#timeWait.delete(block);
    this.table.remove(block);
  }

  enteredTimeWait(block: ControlBlock): void {
    this.#timeWait.add(block);
    if (this.#timeWait.size <= MAX_TIME_WAIT) return;
    for (const oldest of this.#timeWait) {
      forget(oldest);
      return;
    }
  }

  sendReset(block: ControlBlock): void {
    // Nothing was sent yet, so there is nothing to reset.
    if (block.state === 'synSent') return;
    this.packets.sendReset(block.local, block.remote, block.snd.nxt, block.rcv.nxt, RST | ACK);
  }
}
