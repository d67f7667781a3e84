import type { Clock } from '../../base/index.ts';
import type { ListenRefusal, OpenPort } from '../../io/streams/tcp-listener.ts';
import { FIRST_USUAL_PORT, MAXIMUM_STREAM_PORTS, PORT_RETRY_MS } from './constants.ts';
import type { WantedPort } from './stream-table.ts';

/** Ports from `first` to `last`. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * How it is with a port that a resource wants.
 *
 * | state | meaning |
 * |---|---|
 * | opening | it is being opened |
 * | open | whoever comes is judged |
 * | in-use, forbidden, no-address | the machine does not give it: another program has it, the user may not, no such address |
 * | own | the PoP itself listens there |
 * | not-allowed | the settings of the PoP keep it from resources |
 * | too-many | the PoP listens on as many as it may |
 */
export type PortState = 'opening' | 'open' | ListenRefusal | 'own' | 'not-allowed' | 'too-many';

export interface StreamPortsOptions {
  /** Addresses to listen on. */
  readonly hosts: readonly string[];
  /** Left out: every port from 1024 on. */
  readonly allowed?: readonly PortRange[] | undefined;
  /** Those of the PoP itself. */
  readonly isOwn: Readonly<Record<'tcp' | 'udp', (port: number) => boolean>>;
  readonly clock: Clock;
  readonly listen: (host: string, wanted: WantedPort) => Promise<OpenPort | ListenRefusal>;
  /** Some states are others than before. */
  readonly changed: () => void;
}

interface Entry {
  readonly wanted: WantedPort;
  state: PortState;
  open: OpenPort[];
  triedMs: number;
}

/** Opens and closes ports, so that they are those that the snapshot wants and the settings allow. */
export class StreamPorts {
  readonly #options: StreamPortsOptions;
  readonly #entries = new Map<string, Entry>();
  #wanted: readonly WantedPort[] = [];
  #working: Promise<void> = Promise.resolve();

  constructor(options: StreamPortsOptions) {
    this.#options = options;
  }

  /** The ports that are wanted from now on. Resolved when they are open, or are known not to be had. */
  follow(wanted: readonly WantedPort[]): Promise<void> {
    this.#wanted = wanted;
    return this.#work();
  }

  /** Tries again what could not be had; call now and then. */
  tick(): void {
    const dueMs = this.#options.clock.nowMs() - PORT_RETRY_MS;
    for (const { state, triedMs } of this.#entries.values())
      if (isPassing(state) && triedMs <= dueMs) return void this.#work();
  }

  /** How it is with a port; undefined where nobody wants it. */
  state(transport: 'tcp' | 'udp', port: number): PortState | undefined {
    return this.#entries.get(`${transport}/${port}`)?.state;
  }

  states(): readonly (WantedPort & { readonly state: PortState })[] {
    return [...this.#entries.values()].map(({ wanted, state }) => ({ ...wanted, state }));
  }

  close(): Promise<void> {
    return this.follow([]);
  }

  #work(): Promise<void> {
    this.#working = this.#working.then(() => this.#reconcile());
    return this.#working;
  }

  async #reconcile(): Promise<void> {
    const wanted = new Map(this.#wanted.map((each) => [`${each.transport}/${each.port}`, each]));
    let hasNews = false;
    for (const [key, entry] of this.#entries) {
      if (wanted.get(key)?.kind === entry.wanted.kind) continue;
      this.#entries.delete(key);
      hasNews = true;
      await Promise.all(entry.open.map((port) => port.close()));
    }
    for (const [key, each] of wanted) if (await this.#tend(key, each)) hasNews = true;
    if (hasNews) this.#options.changed();
  }

  /** Whether something changed. */
  async #tend(key: string, wanted: WantedPort): Promise<boolean> {
    const { clock } = this.#options;
    const entry: Entry = this.#entries.get(key) ?? {
      wanted,
      state: 'opening',
      open: [],
      triedMs: Number.NEGATIVE_INFINITY,
    };
    const isDue =
      entry.state === 'opening' || (isPassing(entry.state) && clock.nowMs() - entry.triedMs >= PORT_RETRY_MS);
    if (!isDue) return false;
    const before = entry.state;
    const refusal = this.#refusal(wanted, this.#entries.has(key));
    this.#entries.set(key, entry);
    entry.triedMs = clock.nowMs();
    entry.state = refusal ?? (await this.#open(entry));
    return entry.state !== before;
  }

  #refusal({ transport, port }: WantedPort, isKnown: boolean): PortState | undefined {
    const { isOwn, allowed } = this.#options;
    if (isOwn[transport](port)) return 'own';
    const isAllowed = allowed
      ? allowed.some(({ first, last }) => port >= first && port <= last)
      : port >= FIRST_USUAL_PORT;
    if (!isAllowed) return 'not-allowed';
    return !isKnown && this.#entries.size >= MAXIMUM_STREAM_PORTS ? 'too-many' : undefined;
  }

  /** On all addresses or on none. */
  async #open(entry: Entry): Promise<PortState> {
    for (const host of this.#options.hosts) {
      const opened = await this.#options.listen(host, entry.wanted);
      if (typeof opened === 'string') {
        await Promise.all(entry.open.map((port) => port.close()));
        entry.open = [];
        return opened;
      }
      entry.open.push(opened);
    }
    return 'open';
  }
}

/** Whether it may be otherwise without a change of settings. */
function isPassing(state: PortState): boolean {
  return state === 'in-use' || state === 'forbidden' || state === 'no-address' || state === 'too-many';
}
