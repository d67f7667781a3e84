/** Organisations as the installation's administrators see them: which there are, whose names, who owns them. */
import { z } from 'zod';
import {
  addUserRole,
  deleteOrganisation,
  findUser,
  findUserByEmail,
  insertOrganisation,
  listOrganisations,
  type OrganisationsTable,
  organisationIsUsed,
  putMembership,
  rolesWithBuiltIn,
  type StoreTransaction,
  updateOrganisation,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { QUOTA_MAX, SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, STALENESS_MS } from '../constants.ts';
import type { Control } from '../control.ts';
import { insertBuiltInRoles } from '../first-start.ts';
import { requireFreeDomains } from '../host-claims.ts';
import { dnsName } from '../host-names.ts';
import { newId } from '../ids.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { changedQuotas, QUOTA_NOUNS, quotasOf } from '../quotas.ts';
import { type Api, type ApiContext, accountOf, organisationOf, pageItems, principalOf } from './api.ts';
import { organisation, organisationItem, requireFreeName, requireOrganisation } from './organisation.ts';
import { id, idParams, listQuery, name, nothing, pageOf } from './schemas.ts';

const tags = ['organisations'];
const quotas = z
  .partialRecord(z.enum(QUOTA_NOUNS), z.number().int().min(0).max(QUOTA_MAX).nullable())
  .describe('how many it may have; null: what holds for all. What is not named stays as it is');
const domains = z.array(z.string().max(253)).max(64).describe('names below which no other organisation has hosts');

export function tenantRoutes(api: Api, context: ApiContext): void {
  readTenantRoutes(api, context);
  addTenantRoute(api, context);
  changeTenantRoute(api, context);
  ownerRoute(api, context);
  removeTenantRoutes(api, context);
}

function readTenantRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;
  const config = { access: 'tenant.read' as const };

  api.get(
    '/organisations',
    {
      config,
      schema: { tags, summary: 'List organisations', querystring: listQuery, response: { 200: pageOf(organisation) } },
    },
    async (request) =>
      pageItems(await listOrganisations(database, request.query), (row) => organisationItem(control, row)),
  );

  api.get(
    '/organisations/:id',
    { config, schema: { tags, summary: 'Read an organisation', params: idParams, response: { 200: organisation } } },
    async (request) => organisationItem(control, await requireOrganisation(database, request.params.id)),
  );
}

function addTenantRoute(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;

  api.post(
    '/organisations',
    {
      config: {
        access: 'tenant.write',
        refusals: ['host-invalid', 'host-reserved', 'host-taken', 'name-taken', 'user-unknown'],
      },
      schema: {
        tags,
        summary: 'Add an organisation',
        body: z.strictObject({
          name,
          domains: domains.default([]),
          ownerEmail: z.email().max(254).optional().describe('an account there is; left out: you'),
        }),
        response: { 201: organisation },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const row: OrganisationsTable = {
        ...{ id: newId('org', clock, random), name: body.name, dns_zone: null, certificate_issuers: '[]' },
        ...{ session_idle_ms: SESSION_IDLE_MS, session_absolute_ms: SESSION_ABSOLUTE_MS, staleness_ms: STALENESS_MS },
        ...{ created_unix_ms: Math.round(clock.unixMs()), domains: JSON.stringify(domainsIn(body.domains)) },
      };
      const owner = body.ownerEmail ?? accountOf(request).email;
      await publishChange(control, principalOf(request), async (transaction) => {
        const account = await findUserByEmail(transaction, owner);
        if (!account)
          throw new ControlFailure('user-unknown', `ownerEmail: there is no account ${JSON.stringify(owner)}`);
        await requireFreeName(transaction, row.name);
        await requireFreeDomains(control, transaction, row.id, domainsIn(body.domains));
        await insertOrganisation(transaction, row);
        await insertBuiltInRoles(transaction, control, row.id);
        await makeOwner(control, transaction, row.id, account.id);
        const detail = { ...body, owner: account.id };
        return { value: row, note: { action: 'organisation.add', subject: row.id, detail } };
      });
      return reply.code(201).send(organisationItem(control, row));
    },
  );
}

function changeTenantRoute(api: Api, { control }: ApiContext): void {
  api.patch(
    '/organisations/:id',
    {
      config: { access: 'tenant.write', refusals: ['host-invalid', 'host-reserved', 'host-taken', 'name-taken'] },
      schema: {
        tags,
        summary: 'Change the name, the domains or the quotas of an organisation',
        params: idParams,
        body: z.strictObject({ name, domains, quotas }).partial(),
        response: { 200: organisation },
      },
    },
    async (request) => {
      const { body } = request;
      const { id: organisationId } = request.params;
      return publishChange(control, principalOf(request), async (transaction) => {
        const before = await requireOrganisation(transaction, organisationId);
        if (body.name !== undefined) await requireFreeName(transaction, body.name, organisationId);
        const names = body.domains && domainsIn(body.domains);
        if (names) await requireFreeDomains(control, transaction, organisationId, names);
        await updateOrganisation(transaction, organisationId, {
          ...(body.name !== undefined && { name: body.name }),
          ...(names && { domains: JSON.stringify(names) }),
          ...(body.quotas && { quotas: JSON.stringify(changedQuotas(quotasOf(before), body.quotas)) }),
        });
        const value = organisationItem(control, await requireOrganisation(transaction, organisationId));
        return { value, note: { action: 'organisation.change', subject: organisationId, detail: body } };
      });
    },
  );
}

function ownerRoute(api: Api, { control }: ApiContext): void {
  api.put(
    '/organisations/:id/owners/:userId',
    {
      config: { access: 'tenant.write' },
      schema: {
        tags,
        summary: 'Make an account an owner of an organisation, as where the last one is gone',
        params: z.object({ id, userId: id }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { id: organisationId, userId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        await requireOrganisation(transaction, organisationId);
        if (!(await findUser(transaction, userId))) throw notFound('user', userId);
        await makeOwner(control, transaction, organisationId, userId);
        const note = { action: 'organisation.add-owner', subject: organisationId, organisationId, detail: { userId } };
        return { value: undefined, note };
      });
      return reply.code(204).send(null);
    },
  );
}

function removeTenantRoutes(api: Api, { control }: ApiContext): void {
  const remove = async (request: Parameters<typeof principalOf>[0], organisationId: string): Promise<void> => {
    await publishChange(control, principalOf(request), async (transaction) => {
      const row = await requireOrganisation(transaction, organisationId);
      if (organisationId === control.organisationId)
        throw new ControlFailure('organisation-in-use', 'the first organisation is the installation’s own and stays');
      if (await organisationIsUsed(transaction, organisationId))
        throw new ControlFailure(
          'organisation-in-use',
          'the organisation still has sites or resources; remove them first',
        );
      await deleteOrganisation(transaction, organisationId);
      const note = { action: 'organisation.remove', subject: organisationId, organisationId: null };
      return { value: undefined, note: { ...note, detail: { name: row.name } } };
    });
  };

  api.delete(
    '/organisations/:id',
    {
      config: { access: 'tenant.write', refusals: ['organisation-in-use'] },
      schema: {
        tags,
        summary: 'Remove an organisation that has nothing left',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await remove(request, request.params.id);
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/organisation',
    {
      config: { access: 'organisation.remove', refusals: ['not-found', 'organisation-in-use'] },
      schema: {
        tags: ['organisation'],
        summary: 'Remove your organisation, which has nothing left',
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await remove(request, organisationOf(request));
      return reply.code(204).send(null);
    },
  );
}

async function makeOwner(
  { clock }: Control,
  transaction: StoreTransaction,
  organisation_id: string,
  userId: string,
): Promise<void> {
  await putMembership(transaction, { organisation_id, user_id: userId, created_unix_ms: Math.round(clock.unixMs()) });
  const [owner] = await rolesWithBuiltIn(transaction, organisation_id, 'owner');
  if (!owner) throw new ControlFailure('internal', 'the organisation has no role of owners');
  await addUserRole(transaction, userId, owner.id);
}

const domainsIn = (names: readonly string[]): string[] => [...new Set(names.map((one) => dnsName('domains', one)))];
