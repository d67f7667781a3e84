import { AssertionIssuer, type SessionCrypto, type SigningKey } from '../core/session/index.ts';
import type { AssertionSource } from './backend-request.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';

/** Assertions name the portal as their issuer, so a change of its host starts a new issuer. */
export function assertionSource(holder: SnapshotHolder, crypto: SessionCrypto, key: SigningKey): AssertionSource {
  let origin: string | undefined;
  let issuer: AssertionIssuer | undefined;
  return {
    key,
    issuer() {
      const current = holder.view?.portalOrigin ?? '';
      if (!issuer || origin !== current) {
        origin = current;
        issuer = new AssertionIssuer(crypto, current);
      }
      return issuer;
    },
  };
}
