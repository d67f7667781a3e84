import { type Endpoint, type Milliseconds, toHex } from '../../base/index.ts';
import { emitProbeAnswer, parseProbeRequest } from './codec.ts';
import { PROBES_PER_ADDRESS, PROBES_PER_SECOND } from './constants.ts';

/** Why a probe was not answered. */
export type ProbeDropReason = 'not-a-probe' | 'address-too-often' | 'too-many';

/** Answers probes, within limits that forget everything once a second: nothing is kept of those who ask. */
export class ProbeResponder {
  readonly counters: Record<ProbeDropReason | 'answered', number> = {
    answered: 0,
    'not-a-probe': 0,
    'address-too-often': 0,
    'too-many': 0,
  };
  readonly #byAddress = new Map<string, number>();
  #second = Number.NEGATIVE_INFINITY;
  #answered = 0;

  /**
   * The answer to send back, or undefined.
   *
   * @param isVouched the asker has its address for sure (it came over TCP): it may ask for a long answer.
   */
  answer(
    bytes: Uint8Array,
    from: Endpoint,
    isVouched: boolean,
    nowMs: Milliseconds,
    unixMs: Milliseconds,
  ): Uint8Array | undefined {
    const request = parseProbeRequest(bytes);
    const reason = request ? this.#refusal(from, nowMs) : 'not-a-probe';
    if (!request || reason) {
      this.counters[reason ?? 'not-a-probe']++;
      return undefined;
    }
    this.counters.answered++;
    const answer = { nonce: request.nonce, seenAs: from, receivedBytes: bytes.length, unixMs };
    return emitProbeAnswer(answer, isVouched ? request.wantedBytes : 0);
  }

  #refusal({ address }: Endpoint, nowMs: Milliseconds): ProbeDropReason | undefined {
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#answered = 0;
      this.#byAddress.clear();
    }
    if (this.#answered >= PROBES_PER_SECOND) return 'too-many';
    const group = toHex(address.version === 4 ? address.bytes : address.bytes.subarray(0, 8));
    const before = this.#byAddress.get(group) ?? 0;
    if (before >= PROBES_PER_ADDRESS) return 'address-too-often';
    this.#byAddress.set(group, before + 1);
    this.#answered++;
    return undefined;
  }
}
