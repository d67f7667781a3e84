/** The doctor within a connector: looks at the network when there is reason to, and tells control what it found. */
import { type Clock, type Random, randomFraction } from '../base/index.ts';
import {
  diagnosisOf,
  EXAMINED_POPS_ASKED,
  EXAMINED_POPS_UNASKED,
  type Occasion,
  Occasions,
  type PopMeasurement,
} from '../core/doctor/index.ts';
import {
  type Diagnosis,
  type DiagnosisAnswer,
  type GrantedPop,
  readDiagnosisAnswer,
  type SiteGrant,
} from '../core/link/index.ts';
import type { Log } from '../io/log.ts';
import type { TunnelSocket } from '../io/overlay/tunnel-socket.ts';
import { askOverStream } from './ask-over-stream.ts';
import { DIAGNOSIS_RETRY_MAX_MS, DIAGNOSIS_RETRY_MS } from './constants.ts';

export interface ExaminerOptions {
  readonly connectorId: string;
  readonly software: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The proxy that it goes out through, as people know it. */
  readonly proxy: string | undefined;
  readonly grant: () => SiteGrant | undefined;
  /** Whether a tunnel to a PoP is kept. */
  readonly isKept: (popId: string) => boolean;
  /** The machine's addresses, as one text. */
  readonly addresses: () => string;
  readonly measure: (pops: readonly GrantedPop[], measuresSpeed: boolean) => Promise<PopMeasurement[]>;
  /** A stream to where a PoP takes diagnoses: to each that is linked in turn; undefined while none is. */
  readonly open: (turn: number) => TunnelSocket | undefined;
}

export class Examiner {
  readonly #options: ExaminerOptions;
  readonly #occasions = new Occasions();
  #addresses: string;
  #timer: NodeJS.Timeout | undefined;
  #telling: NodeJS.Timeout | undefined;
  #newest: Diagnosis | undefined;
  #isClosed = false;

  constructor(options: ExaminerOptions) {
    this.#options = options;
    this.#addresses = options.addresses();
    this.#occasions.started(options.clock.nowMs(), randomFraction(options.random));
    this.grantChanged();
  }

  /** Somebody may wish that we look. */
  grantChanged(): void {
    const { grant, connectorId } = this.#options;
    const wish = grant()?.examine?.find((one) => one.connectorId === connectorId);
    if (wish) this.#occasions.asked(wish.asked);
    this.#arm();
  }

  /** Looks whether this machine is somewhere else. */
  look(): void {
    const addresses = this.#options.addresses();
    if (addresses === this.#addresses) return;
    this.#addresses = addresses;
    this.networkChanged();
  }

  /** The network is another one, or lets other things through. */
  networkChanged(): void {
    this.#occasions.changed(this.#options.clock.nowMs(), randomFraction(this.#options.random));
    this.#arm();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#telling);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const waitMs = this.#occasions.deadlineMs() - this.#options.clock.nowMs();
    if (!this.#isClosed && waitMs < Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(() => this.#due(), Math.max(0, waitMs)).unref();
  }

  #due(): void {
    const { clock, log } = this.#options;
    const occasion = this.#occasions.take(clock.nowMs());
    if (!occasion) {
      this.#arm();
      return;
    }
    this.#examine(occasion)
      .catch((error) => log.warn('the network could not be looked at', { error }))
      .finally(() => {
        this.#occasions.ended(clock.nowMs());
        this.#arm();
      });
  }

  async #examine({ asked, isAsked }: Occasion): Promise<void> {
    const { grant, isKept, measure, software, proxy, connectorId, clock, log } = this.#options;
    const all = grant()?.pops ?? [];
    const kept = all.toSorted((a, b) => Number(isKept(b.id)) - Number(isKept(a.id)));
    const looked = kept.slice(0, isAsked ? EXAMINED_POPS_ASKED : EXAMINED_POPS_UNASKED);
    const pops = await measure(looked, isAsked);
    if (this.#isClosed) return;
    const occasion = { asked, unixMs: clock.unixMs(), popsLeftOut: all.length - looked.length };
    const diagnosis = diagnosisOf({ software, source: connectorId, proxy, pops }, occasion);
    const bad = diagnosis.findings.filter(({ weight }) => weight === 'bad').map(({ code }) => code);
    log.info('looked at the network', { pops: looked.length, bad });
    clearTimeout(this.#telling);
    this.#newest = diagnosis;
    this.#tell(diagnosis, 0);
  }

  /** Until control has it, or something newer is to be told. PoPs of before do not take it, so another one is tried. */
  #tell(diagnosis: Diagnosis, turn: number): void {
    const again = (): void => {
      if (this.#isClosed || this.#newest !== diagnosis) return;
      const waitMs = Math.min(DIAGNOSIS_RETRY_MAX_MS, DIAGNOSIS_RETRY_MS * 2 ** turn);
      this.#telling = setTimeout(() => this.#tell(diagnosis, turn + 1), waitMs).unref();
    };
    const stream = this.#options.open(turn);
    const answered = (answer: DiagnosisAnswer | undefined): void => {
      if (!answer) again();
    };
    if (stream) askOverStream(stream, JSON.stringify(diagnosis), readDiagnosisAnswer, answered);
    else again();
  }
}
