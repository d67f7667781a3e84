import { z } from 'zod';
import {
  deleteInvitation,
  findGroup,
  findRole,
  type InvitationsTable,
  listInvitations,
  type Queries,
} from '../../io/store/index.ts';
import { change } from '../change.ts';
import { INVITATION_LIFETIME_MAX_MS, INVITATION_LIFETIME_MS } from '../constants.ts';
import { acceptInvitation, invite } from '../invitations.ts';
import { notFound } from '../problems.ts';
import { type Api, type ApiContext, accountOf, organisationOf, pageWith, principalOf } from './api.ts';
import { id, idParams, invitationsQuery, nothing, pageOf, unixMs } from './schemas.ts';

const tags = ['invitations'];
const names = z.array(z.string().max(128)).max(200);

const invitation = z.object({
  id,
  email: z.string(),
  roles: z.array(z.string()),
  groups: z.array(z.string()),
  invitedBy: id.nullable(),
  createdUnixMs: unixMs,
  expiresUnixMs: unixMs,
  acceptedUnixMs: unixMs.nullable(),
});

const madeInvitation = invitation.extend({
  url: z.string().nullable().describe('null where it was mailed: the mailbox alone is told'),
  mailed: z.boolean(),
});

const invitations = pageOf(invitation);

export function invitationRoutes(api: Api, context: ApiContext): void {
  manageInvitationRoutes(api, context);
  acceptInvitationRoute(api, context);
}

function manageInvitationRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;

  api.get(
    '/invitations',
    {
      config: { access: 'invitation.read' },
      schema: { tags, summary: 'List invitations', querystring: invitationsQuery, response: { 200: invitations } },
    },
    async (request) => {
      const page = await listInvitations(store.database, organisationOf(request), request.query);
      return pageWith(page, await Promise.all(page.rows.map((row) => item(store.database, row))));
    },
  );

  api.post(
    '/invitations',
    {
      config: {
        access: 'invitation.write',
        refusals: ['group-unknown', 'invitation-unknown', 'quota-reached', 'role-unknown'],
      },
      schema: {
        tags,
        summary: 'Invite somebody; the link is shown this once',
        body: z.strictObject({
          email: z.email().max(254),
          roles: names.default(['member']),
          groups: names.default([]),
          lifetimeMs: z.number().int().min(1000).max(INVITATION_LIFETIME_MAX_MS).default(INVITATION_LIFETIME_MS),
          mail: z.boolean().default(false).describe('send the link to the address, where mails leave'),
        }),
        response: { 201: madeInvitation },
      },
    },
    async (request, reply) => {
      const made = await invite(control, principalOf(request), organisationOf(request), request.body);
      const shown = { ...(await item(store.database, made.row)), url: made.url, mailed: made.mailed };
      return reply.code(201).send(shown);
    },
  );

  api.delete(
    '/invitations/:id',
    {
      config: { access: 'invitation.write' },
      schema: { tags, summary: 'Withdraw an invitation', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { id: invitationId } = request.params;
      await change(control, principalOf(request), async (transaction) => {
        if (!(await deleteInvitation(transaction, organisationOf(request), invitationId)))
          throw notFound('invitation', invitationId);
        return { value: undefined, note: { action: 'invitation.withdraw', subject: invitationId } };
      });
      return reply.code(204).send(null);
    },
  );
}

function acceptInvitationRoute(api: Api, { control }: ApiContext): void {
  api.post(
    '/me/invitations',
    {
      config: { access: 'signed-in', refusals: ['invitation-for-another', 'invitation-unknown', 'quota-reached'] },
      schema: {
        tags: ['me'],
        summary: 'Accept an invitation to your address',
        body: z.strictObject({ token: z.string().min(1).max(256) }),
        response: {
          200: z.object({
            organisationId: id,
            name: z.string(),
            renewUrl: z
              .string()
              .nullable()
              .describe(
                'where to choose a new password, because everything that the account was proved with has ended',
              ),
          }),
        },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { token } = request.body;
      const { organisation, renewUrl } = await acceptInvitation(control, principal, accountOf(request), token);
      return { organisationId: organisation.id, name: organisation.name, renewUrl };
    },
  );
}

/** With the names that its roles and groups have now; those that are gone are left out. */
async function item(queries: Queries, row: InvitationsTable): Promise<z.output<typeof invitation>> {
  const ids = (json: string) => JSON.parse(json) as string[];
  const found = async (json: string, find: typeof findRole | typeof findGroup) => {
    const all = await Promise.all(ids(json).map((one) => find(queries, row.organisation_id, one)));
    return all.flatMap((one) => one?.name ?? []);
  };
  return {
    ...{ id: row.id, email: row.email, invitedBy: row.invited_by },
    roles: await found(row.role_ids, findRole),
    groups: await found(row.group_ids, findGroup),
    ...{ createdUnixMs: row.created_unix_ms, expiresUnixMs: row.expires_unix_ms },
    acceptedUnixMs: row.accepted_unix_ms,
  };
}
