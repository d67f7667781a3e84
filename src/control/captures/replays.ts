/** Replays that a PoP was asked for, until it says what came of them. */
import type { Clock, Random } from '../../base/index.ts';
import { MAX_REASON_CHARS, type ReplayedMessage, type ReplayMessage } from '../../core/link/index.ts';
import type { PopLink } from '../../io/link-server.ts';
import { newId } from '../ids.ts';
import { ControlFailure } from '../problems.ts';
import { REPLAY_ANSWER_MS, REPLAYS_WAITING_MAX } from './constants.ts';

export interface ReplaysOptions {
  readonly clock: Clock;
  readonly random: Random;
}

export type WantedReplay = Omit<ReplayMessage, 'type' | 'id'>;

export class Replays {
  readonly #options: ReplaysOptions;
  readonly #waiting = new Map<
    string,
    { readonly popId: string; answered(message: ReplayedMessage | undefined): void }
  >();

  constructor(options: ReplaysOptions) {
    this.#options = options;
  }

  /**
   * Has the first of these PoPs send it. Failures `replay-no-pop`, where there is none or it does not answer, and
   * `replay-refused`.
   */
  async send([link]: readonly PopLink[], wanted: WantedReplay): Promise<ReplayedMessage & { readonly popId: string }> {
    if (!link)
      throw new ControlFailure('replay-no-pop', 'no point of presence that can do it is linked with this control node');
    if (this.#waiting.size >= REPLAYS_WAITING_MAX)
      throw new ControlFailure('replay-refused', 'too many replays are under way; try again in a moment');
    const answer = await this.#ask(link, wanted);
    if (!answer) throw new ControlFailure('replay-no-pop', 'the point of presence did not answer in time');
    if (answer.refused !== undefined)
      throw new ControlFailure('replay-refused', `the point of presence did not send it: ${answer.refused}`, {
        reason: answer.refused.slice(0, MAX_REASON_CHARS),
      });
    return { ...answer, popId: link.popId };
  }

  #ask(link: PopLink, wanted: WantedReplay): Promise<ReplayedMessage | undefined> {
    const id = newId('rep', this.#options.clock, this.#options.random);
    return new Promise((resolve) => {
      const answered = (message: ReplayedMessage | undefined): void => {
        clearTimeout(late);
        this.#waiting.delete(id);
        resolve(message);
      };
      const late = setTimeout(() => answered(undefined), REPLAY_ANSWER_MS);
      late.unref();
      this.#waiting.set(id, { popId: link.popId, answered });
      link.send({ type: 'replay', id, ...wanted });
    });
  }

  /** A PoP says what came of one that it was asked for. */
  answered(popId: string, message: ReplayedMessage): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting?.popId === popId) waiting.answered(message);
  }

  /** A PoP's link is gone: it answers nothing any more. */
  lost(popId: string): void {
    for (const waiting of [...this.#waiting.values()]) if (waiting.popId === popId) waiting.answered(undefined);
  }
}
