import { assertNever } from '../../base/index.ts';
import {
  type DecodeRefusal,
  decodePopToPop,
  encodeMessage,
  MAX_CONNECTOR_LINE_CHARS,
  type PopReport,
  type PopReportNews,
  type PopToPop,
} from '../../core/link/index.ts';
import {
  ReachAnnouncer,
  type ReachableEntry,
  type ReachChange,
  type ReachRefusal,
  ReportAnnouncer,
  type ReportRefusal,
} from '../../core/reach/index.ts';
import { LINK_KEEP_ALIVE_IDLE_MS } from '../../io/overlay/constants.ts';
import { LineChannel } from '../../io/overlay/line-channel.ts';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { LINK_UNSENT_MAX_BYTES } from './constants.ts';

/** Why a link between PoPs was closed by this end. */
export type MeshRefusal =
  | DecodeRefusal
  | ReachRefusal
  | 'hello-missing'
  | 'hello-of-another'
  | 'hello-again'
  | ReportRefusal
  | 'reads-nothing';

/** What a link hands to its owner. A refusal that `attached` or `report` gives closes the link. */
export interface MeshLinkEvents {
  hello(software: string): void;
  attached(change: ReachChange): MeshRefusal | undefined;
  report(sequence: number, news: PopReportNews): MeshRefusal | undefined;
  refused(reason: MeshRefusal, path: string): void;
}

/** One stream between two PoPs: what we say over it, and what the other says. */
export class MeshLink {
  readonly stream: TunnelSocket;
  readonly #popId: string;
  readonly #events: MeshLinkEvents;
  readonly #channel: LineChannel;
  readonly #announcer = new ReachAnnouncer();
  readonly #reports = new ReportAnnouncer();
  #isGreeted = false;

  /** Begins with our hello. `popId` is whose tunnel the stream came by: the other end has to be that PoP. */
  constructor(stream: TunnelSocket, us: { popId: string; software: string }, popId: string, events: MeshLinkEvents) {
    this.stream = stream;
    this.#popId = popId;
    this.#events = events;
    this.#channel = new LineChannel(stream, MAX_CONNECTOR_LINE_CHARS, (line) => this.#take(line));
    stream.setKeepAlive(true, LINK_KEEP_ALIVE_IDLE_MS);
    stream.on('error', () => undefined);
    stream.on('end', () => stream.end());
    this.#send({ type: 'hello', ...us });
  }

  /** Says which connectors have a tunnel to us, as far as it is news. */
  sayAttached(present: readonly ReachableEntry[]): void {
    for (const { sequence, whole, put, remove } of this.#announcer.update(present)) {
      const entries = put.map(({ id, rttMs, draining }) => ({ connectorId: id, rttMs, draining }));
      this.#send({ type: 'attached', sequence, whole, put: entries, remove });
    }
  }

  sayReport(report: PopReport): void {
    this.#send({ type: 'report', ...this.#reports.next(report) });
  }

  #send(message: PopToPop): void {
    if (this.stream.destroyed || this.#channel.send(encodeMessage(message))) return;
    if (this.stream.writableLength > LINK_UNSENT_MAX_BYTES) this.#refuse('reads-nothing', '');
  }

  #take(line: string): void {
    const decoded = decodePopToPop(line);
    const refusal = decoded.ok ? this.#judge(decoded.value) : decoded.reason;
    if (refusal) this.#refuse(refusal, decoded.ok ? '' : decoded.path);
  }

  #judge(message: PopToPop): MeshRefusal | undefined {
    if (message.type === 'hello') {
      if (message.popId !== this.#popId) return 'hello-of-another';
      if (this.#isGreeted) return 'hello-again';
      this.#isGreeted = true;
      this.#events.hello(message.software);
      return undefined;
    }
    if (!this.#isGreeted) return 'hello-missing';
    switch (message.type) {
      case 'attached': {
        const { sequence, whole, remove } = message;
        const put = message.put.map(({ connectorId, rttMs, draining }) => ({ id: connectorId, rttMs, draining }));
        return this.#events.attached({ sequence, whole, put, remove });
      }
      case 'report': {
        return this.#events.report(message.sequence, message);
      }
      default:
        return assertNever(message);
    }
  }

  #refuse(reason: MeshRefusal, path: string): void {
    this.#events.refused(reason, path);
    this.stream.destroy();
  }
}
