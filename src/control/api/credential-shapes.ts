/** Credentials as the API shows them, and the fields that each kind may have. */
import { z } from 'zod';
import { SECRET_METHODS } from '../../core/link/index.ts';
import type { Policy } from '../../core/policy/index.ts';
import type { CredentialRow, CredentialsTable, ResourcesTable } from '../../io/store/index.ts';
import { CREDENTIAL_ATTACK_SHOWN_MS, CREDENTIAL_RESOURCES_MAX, SHARE_LINK_USES_MAX } from '../constants.ts';
import type { Control } from '../control.ts';
import { admits } from '../credentials/credential-rules.ts';
import { ControlFailure } from '../problems.ts';
import { id, name, source, sourceItem, unixMs } from './schemas.ts';

export const method = z.enum(SECRET_METHODS).describe('what kind of secret; policies name it in anyOf.credentials');
const resourceIds = z.array(id).min(1).max(CREDENTIAL_RESOURCES_MAX).describe('what it opens');
const username = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\x21-\x39\x3b-\x7e]+$/, 'printable ASCII without blanks and colons');
const maximumUses = z.number().int().min(1).max(SHARE_LINK_USES_MAX).nullable();
const pathPrefix = z.string().max(256).nullable().describe('of a share link: /docs opens /docs and all below');
export const secret = z
  .string()
  .min(1)
  .max(512)
  .optional()
  .describe('left out: one is made (always, of links and tokens)');

export const credential = z.object({
  id,
  name,
  method,
  resourceIds: z.array(id),
  username: z.string().nullable(),
  version: z.number().int(),
  expiresUnixMs: unixMs.nullable(),
  maximumUses,
  pathPrefix: z.string().nullable(),
  createdUnixMs: unixMs,
  rotatedUnixMs: unixMs,
  uses: z.number().int().describe('as far as PoPs have told'),
  lastUsedUnixMs: unixMs.nullable(),
  state: z
    .enum(['active', 'expired', 'used-up', 'attacked'])
    .describe('attacked: of late so many wrong secrets came that further ones were not judged'),
  attackedUnixMs: unixMs.nullable().describe('when tries were last refused'),
  source,
});

export const made = credential.extend({
  secret: z.string().describe('shown this once'),
  urls: z.array(z.string()).describe('of a share link: where it is opened'),
  notAdmittedBy: z.array(id).describe('resources whose policy admits no such credential: it opens nothing there yet'),
});

export const newCredential = z.strictObject({
  name,
  method,
  resourceIds,
  secret,
  username: username.optional().describe('of header: required'),
  expiresUnixMs: unixMs.nullable().default(null),
  lifetimeMs: z.number().int().min(1000).optional().describe('in place of expiresUnixMs: from now'),
  maximumUses: maximumUses.default(null),
  pathPrefix: pathPrefix.default(null),
});

export const changes = z
  .strictObject({ name, resourceIds, expiresUnixMs: unixMs.nullable(), maximumUses, pathPrefix })
  .partial();

export function item(control: Control, row: CredentialRow): z.output<typeof credential> {
  const uses = row.uses?.version === row.version ? row.uses : undefined;
  const attackedUnixMs = uses?.attacked_unix_ms ?? null;
  return {
    id: row.id,
    name: row.name,
    method: row.method,
    resourceIds: [...row.resourceIds],
    username: row.username,
    version: row.version,
    expiresUnixMs: row.expires_unix_ms,
    maximumUses: row.maximum_uses,
    pathPrefix: row.path_prefix,
    createdUnixMs: row.created_unix_ms,
    rotatedUnixMs: row.rotated_unix_ms,
    uses: uses?.uses ?? 0,
    lastUsedUnixMs: uses?.last_used_unix_ms ?? null,
    state: stateOf(row, uses?.uses ?? 0, attackedUnixMs, control.clock.unixMs()),
    attackedUnixMs,
    source: sourceItem(row),
  };
}

function stateOf(row: CredentialRow, uses: number, attackedUnixMs: number | null, nowUnixMs: number) {
  if (row.expires_unix_ms !== null && row.expires_unix_ms <= nowUnixMs) return 'expired';
  if (row.maximum_uses !== null && uses >= row.maximum_uses) return 'used-up';
  return attackedUnixMs !== null && nowUnixMs - attackedUnixMs < CREDENTIAL_ATTACK_SHOWN_MS ? 'attacked' : 'active';
}

/** Fields that mean nothing for a method are refused: whoever gives them believes that they do something. */
export function refuseForeignFields(body: {
  readonly method: CredentialsTable['method'];
  readonly username?: string | undefined;
  readonly maximumUses?: number | null | undefined;
  readonly pathPrefix?: string | null | undefined;
}): void {
  const refuse = (field: string, why: string): never => {
    throw new ControlFailure('request-invalid', `${field}: ${why}`, { problems: [{ path: field, expected: why }] });
  };
  if (body.method === 'header' && body.username === undefined) refuse('username', 'a header credential needs one');
  if (body.method !== 'header' && body.username !== undefined) refuse('username', 'only a header credential has one');
  if (body.method === 'share-link') return;
  if ((body.maximumUses ?? null) !== null) refuse('maximumUses', 'only a share link has one');
  if ((body.pathPrefix ?? null) !== null) refuse('pathPrefix', 'only a share link has one');
}

/** What the answer to its making says beside the credential. */
export function shownOnce(
  { portalHost, publicPort }: Control,
  row: CredentialsTable,
  opened: readonly ResourcesTable[],
  secret: string,
) {
  const authority = (host: string) => (publicPort === 443 ? host : `${host}:${publicPort}`);
  const hosts = opened.filter(({ host }) => !host.startsWith('*') && host !== portalHost).map(({ host }) => host);
  const urls =
    row.method === 'share-link' ? hosts.map((host) => `https://${authority(host)}/.manis/share/${secret}`) : [];
  const notAdmittedBy = opened
    .filter(({ policy }) => !admits(JSON.parse(policy) as Policy, row.method))
    .map((resource) => resource.id);
  return { secret, urls, notAdmittedBy };
}
