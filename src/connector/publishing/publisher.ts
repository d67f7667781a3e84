import type { Clock } from '../../base/index.ts';
import {
  type BlueprintAnswer,
  type BlueprintNews,
  type ConnectorBlueprint,
  type ConnectorBlueprintKind,
  readBlueprintAnswer,
} from '../../core/link/index.ts';
import { connectorProof } from '../../io/connector-proof.ts';
import type { Log } from '../../io/log.ts';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { askOverStream } from '../ask-over-stream.ts';
import { PUBLISH_RETRY_MS } from '../constants.ts';

export interface PublisherOptions {
  readonly connectorId: string;
  readonly wireguardPrivateKey: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  /** Control's key; undefined while the site lets its connectors publish nothing. */
  readonly controlKey: () => string | undefined;
  /** A stream to where PoPs take it; undefined while no PoP is linked. */
  readonly open: () => TunnelSocket | undefined;
}

interface Place {
  document: string;
  problems: readonly BlueprintNews[];
  /** The document is another one than was answered last. */
  isNew: boolean;
  isUnderWay: boolean;
  timer: NodeJS.Timeout | undefined;
  /** What was logged of it last. */
  said: string;
}

/** Hands in what this connector publishes until control has answered, and again when control asks for it. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #places = new Map<ConnectorBlueprintKind, Place>();
  #sequence = 0;
  #isClosed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** From now on this is what there is. */
  say(kind: ConnectorBlueprintKind, document: string, problems: readonly BlueprintNews[]): void {
    const place = this.#places.get(kind);
    if (!place) {
      const made: Place = { document, problems, isNew: true, isUnderWay: false, timer: undefined, said: '' };
      this.#places.set(kind, made);
    } else if (place.document === document && JSON.stringify(place.problems) === JSON.stringify(problems)) return;
    else Object.assign(place, { document, problems, isNew: true });
    this.#handIn(kind);
  }

  /** Another grant: the site may let us publish now. */
  grantChanged(): void {
    for (const [kind, { isNew }] of this.#places) if (isNew) this.#handIn(kind);
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#places.values()) clearTimeout(timer);
  }

  #handIn(kind: ConnectorBlueprintKind): void {
    const place = this.#places.get(kind);
    if (!place || place.isUnderWay || this.#isClosed) return;
    clearTimeout(place.timer);
    const { controlKey, open } = this.#options;
    const key = controlKey();
    if (key === undefined) {
      this.#log(kind, place, {
        outcome: 'refused',
        text: 'the site lets its connectors publish nothing',
        problems: [],
      });
      return;
    }
    const line = this.#line(kind, place, key);
    const stream = line === undefined ? undefined : open();
    if (line === undefined || !stream) {
      this.#later(kind, place, PUBLISH_RETRY_MS);
      return;
    }
    place.isUnderWay = true;
    place.isNew = false;
    askOverStream(stream, line, readBlueprintAnswer, (answer) => {
      place.isUnderWay = false;
      if (!answer) place.isNew = true;
      else this.#log(kind, place, answer);
      if (place.isNew) this.#later(kind, place, answer ? 0 : PUBLISH_RETRY_MS);
      else if (answer?.againMs !== undefined) this.#later(kind, place, answer.againMs);
    });
  }

  #later(kind: ConnectorBlueprintKind, place: Place, delayMs: number): void {
    clearTimeout(place.timer);
    if (!this.#isClosed) place.timer = setTimeout(() => this.#handIn(kind), delayMs);
  }

  #line(kind: ConnectorBlueprintKind, { document, problems }: Place, key: string): string | undefined {
    const { connectorId, clock, wireguardPrivateKey } = this.#options;
    this.#sequence = Math.max(this.#sequence + 1, Math.round(clock.unixMs()));
    const told: ConnectorBlueprint = { connectorId, kind, sequence: this.#sequence, document, problems };
    const payload = JSON.stringify(told);
    const proof = connectorProof(wireguardPrivateKey, key, payload);
    return proof === undefined ? undefined : JSON.stringify({ payload, proof });
  }

  /** Once, until something else is to be said. */
  #log(kind: ConnectorBlueprintKind, place: Place, { outcome, text, problems }: BlueprintAnswer): void {
    const all = [...place.problems, ...problems];
    const said = JSON.stringify([outcome, text, all]);
    if (said === place.said) return;
    place.said = said;
    const { log } = this.#options;
    if (outcome === 'applied') log.info('published', { from: kind, text });
    else log.warn('not published', { from: kind, text });
    for (const { place: at, reason, text: why } of all)
      log.warn('label or entry not taken', { from: kind, at, reason, text: why });
  }
}
