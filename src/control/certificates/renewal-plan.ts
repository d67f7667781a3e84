import { type Clock, type Random, randomFraction } from '../../base/index.ts';
import { renewalUnixMs, type Validity, windowCheckUnixMs } from '../../core/certificates/index.ts';
import type { AcmeDirectory } from '../../io/acme/acme-directory.ts';
import type { CertificateOrdersTable } from '../../io/store/index.ts';

interface Asked {
  readonly directory: Pick<AcmeDirectory, 'renewalInfo'>;
  readonly clock: Clock;
  readonly random: Random;
}

type Planned = Pick<CertificateOrdersTable, 'renew_unix_ms' | 'renewal'>;

/**
 * When a certificate is renewed, and when it is looked at before that: the directory may change its mind.
 * @param known what was planned before; undefined for one that is new.
 */
export async function planRenewal(
  { directory, clock, random }: Asked,
  certificate: Validity & { readonly chainPem: string },
  known: Planned | undefined,
): Promise<{ readonly changes: Planned; readonly nextUnixMs: number }> {
  const nowUnixMs = Math.round(clock.unixMs());
  // A directory that cannot be asked has said nothing: what was known goes on.
  const told = await directory.renewalInfo(certificate.chainPem).catch(() => 'unknown' as const);
  const window = told === 'unknown' ? undefined : told;
  const spoken = window ? JSON.stringify([window.startUnixMs, window.endUnixMs]) : null;
  const renewal = told === 'unknown' ? (known?.renewal ?? null) : spoken;
  // The moment is drawn once for a window.
  const renew_unix_ms =
    known?.renewal === renewal ? known.renew_unix_ms : renewalUnixMs(certificate, window, randomFraction(random));
  const checkUnixMs = told === undefined ? renew_unix_ms : windowCheckUnixMs(nowUnixMs, window?.retryAfterMs);
  return { changes: { renew_unix_ms, renewal }, nextUnixMs: Math.max(nowUnixMs, Math.min(renew_unix_ms, checkUnixMs)) };
}
