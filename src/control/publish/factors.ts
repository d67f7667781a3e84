import type { KnownDeviceRecord, PublishedPasskey } from '../../core/link/index.ts';
import type { PublishedFactors } from '../../io/store/index.ts';

export function publishedPasskeys({ passkeys }: PublishedFactors): ReadonlyMap<string, readonly PublishedPasskey[]> {
  const byUser = new Map<string, PublishedPasskey[]>();
  for (const { user_id, credential_id: id, public_key: publicKey } of passkeys) {
    const own = byUser.get(user_id);
    if (own) own.push({ id, publicKey });
    else byUser.set(user_id, [{ id, publicKey }]);
  }
  return byUser;
}

export function knownDevicesOf({ knownDevices }: PublishedFactors): KnownDeviceRecord[] {
  return knownDevices.map((row) => ({
    kind: 'knownDevice',
    id: row.id,
    userId: row.user_id,
    publicKey: row.public_key,
    approved: row.approved_unix_ms !== null,
  }));
}

/** Whether Manis asks a user for a second factor: one who has any, or who must have one. */
export function factorRule(factors: PublishedFactors): (userId: string, roles: readonly string[]) => boolean {
  const { settings } = factors;
  const holders = new Set(factors.passkeys.map((row) => row.user_id));
  const required = new Set(settings ? (JSON.parse(settings.required_roles) as string[]) : []);
  return (userId, roles) =>
    settings?.required === 1 ||
    holders.has(userId) ||
    factors.usersWithTotp.has(userId) ||
    roles.some((role) => required.has(role));
}
