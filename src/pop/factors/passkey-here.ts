import { issuePopPortalSession, methodsWith, openKeyChallenge } from '../../core/session/index.ts';
import { verifyDeviceSignature } from '../../io/factors/device-key.ts';
import { readPasskeyAnswer, verifyPasskey } from '../../io/factors/passkeys.ts';
import { SPENT_CHALLENGES_MAX } from '../constants.ts';
import type { AtPortal } from '../portal-visit.ts';
import type { FactorParts } from './factor-parts.ts';

export interface PasskeyHere {
  readonly passkey: string;
  readonly challenge: string;
  readonly browser: string;
  readonly device?: { readonly id: string; readonly signature: string } | undefined;
}

/**
 * Judges passkeys while control is away, by what the snapshot says of them. The session is this PoP's word and opens what
 * it serves. A passkey that did not verify its user is refused: nobody is here to ask for a second factor.
 */
export class PasskeysHere {
  readonly #parts: FactorParts;
  /** Challenges that were answered here, until they are over. */
  readonly #spent = new Map<string, number>();

  constructor(parts: FactorParts) {
    this.#parts = parts;
  }

  async signIn(
    at: AtPortal,
    given: PasskeyHere,
  ): Promise<{ readonly token: string; readonly expiresUnixMs: number } | string> {
    const judged = await this.#judge(at, given);
    this.#parts.audit.recordSignIn(at.context, typeof judged === 'string' ? undefined : judged.claims);
    return typeof judged === 'string' ? judged : { token: judged.token, expiresUnixMs: judged.claims.expiresAtUnixMs };
  }

  async #judge(
    { context, view }: AtPortal,
    given: PasskeyHere,
  ): Promise<ReturnType<typeof issuePopPortalSession> | string> {
    const { crypto, key, holder } = this.#parts;
    const { nowUnixMs } = context;
    const binding = { purpose: 'sign-in' as const, browser: given.browser, within: '' };
    const challenge = openKeyChallenge(given.challenge, view, binding, nowUnixMs);
    if (typeof challenge === 'string') return `challenge-${challenge}`;
    const read = readPasskeyAnswer(given.passkey);
    const user = read && view.users.account(read.userHandle);
    const known = user?.record.passkeys?.find(({ id }) => id === read?.credentialId);
    if (!read || !user || !known) return 'passkey-unknown';
    const place = { rpId: view.installation.portalHost, origin: view.portalOrigin, nonce: challenge.nonce };
    const passkey = { credentialId: known.id, publicKey: known.publicKey, counter: 0 };
    const proof = await verifyPasskey(read.answer, passkey, place);
    if (!proof.ok) return proof.reason;
    if (!proof.userVerified) return 'passkey-user-not-verified';
    if (!this.#spend(challenge.nonce, challenge.expiresAtUnixMs, nowUnixMs)) return 'challenge-used';
    const deviceKeyId = this.#device(view, user.record.id, given, challenge.nonce);
    return issuePopPortalSession(
      crypto,
      key,
      {
        userId: user.record.id,
        methods: methodsWith([], 'passkey', true),
        authenticatedAtUnixMs: nowUnixMs,
        mfaAtUnixMs: nowUnixMs,
        ...(deviceKeyId !== undefined && { deviceKeyId }),
      },
      { host: view.installation.portalHost, lifetimes: view.lifetimes, revocations: holder.revocations },
      nowUnixMs,
    );
  }

  #device(view: AtPortal['view'], userId: string, { device }: PasskeyHere, nonce: string): string | undefined {
    const known = device && view.knownDevice(device.id);
    if (!known || known.userId !== userId) return undefined;
    return verifyDeviceSignature(known.publicKey, nonce, device.signature) ? known.id : undefined;
  }

  #spend(nonce: string, untilUnixMs: number, nowUnixMs: number): boolean {
    if (this.#spent.has(nonce)) return false;
    for (const [old, until] of this.#spent) if (until <= nowUnixMs) this.#spent.delete(old);
    // Full of challenges that may still be answered: none more is taken rather than one twice.
    if (this.#spent.size >= SPENT_CHALLENGES_MAX) return false;
    this.#spent.set(nonce, untilUnixMs);
    return true;
  }
}
