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

/** Whether Manis asks a user for a second factor: one who has any, or who must have one in an organisation of theirs. */
export function factorRule(
  factors: PublishedFactors,
): (
  userId: string,
  memberships: readonly { readonly organisationId: string; readonly roles: readonly string[] }[],
) => boolean {
  const holders = new Set(factors.passkeys.map((row) => row.user_id));
  const rules = new Map(
    factors.settings.map((row) => [
      row.organisation_id,
      { required: row.required === 1, roles: new Set(JSON.parse(row.required_roles) as string[]) },
    ]),
  );
  return (userId, memberships) =>
    holders.has(userId) ||
    factors.usersWithTotp.has(userId) ||
    memberships.some(({ organisationId, roles }) => {
      const rule = rules.get(organisationId);
      return rule !== undefined && (rule.required || roles.some((role) => rule.roles.has(role)));
    });
}
