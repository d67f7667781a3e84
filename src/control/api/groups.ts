import { z } from 'zod';
import {
  addGroupMember,
  deleteGroup,
  findGroup,
  type GroupsTable,
  groupMembers,
  insertGroup,
  listGroups,
  type Queries,
  removeGroupMember,
  renameGroup,
  rolesOfGroup,
  type StoreTransaction,
  setGroupRoles,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { newId } from '../ids.ts';
import type { Principal } from '../principal.ts';
import { notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { requireMember, requireOwnRoles, requireRoles } from '../rights.ts';
import { type Api, type ApiContext, organisationOf, pageWith, principalOf } from './api.ts';
import { plainName } from './roles.ts';
import { id, idParams, listQuery, name, nothing, pageOf, source, sourceItem, unixMs } from './schemas.ts';

const tags = ['groups'];
const roles = z.array(z.string().max(128)).max(200).describe('which whoever is in the group has');
const group = z.object({ id, name, roles, memberIds: z.array(id), source, createdUnixMs: unixMs });
const memberParams = z.object({ id, userId: id });

async function item(queries: Queries, row: GroupsTable): Promise<z.output<typeof group>> {
  const held = await rolesOfGroup(queries, row.id);
  return {
    ...{ id: row.id, name: row.name, roles: held.map((role) => role.name) },
    ...{ memberIds: await groupMembers(queries, row.id), source: sourceItem(row), createdUnixMs: row.created_unix_ms },
  };
}

export function groupRoutes(api: Api, context: ApiContext): void {
  readGroupRoutes(api, context);
  addGroupRoute(api, context);
  changeGroupRoute(api, context);
  removeGroupRoute(api, context);
  memberRoutes(api, context);
}

function readGroupRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;
  const config = { access: 'group.read' as const };

  api.get(
    '/groups',
    { config, schema: { tags, summary: 'List groups', querystring: listQuery, response: { 200: pageOf(group) } } },
    async (request) => {
      const page = await listGroups(database, organisationOf(request), request.query);
      return pageWith(page, await Promise.all(page.rows.map((row) => item(database, row))));
    },
  );

  api.get(
    '/groups/:id',
    { config, schema: { tags, summary: 'Read a group', params: idParams, response: { 200: group } } },
    async (request) => item(database, await requireGroup(database, organisationOf(request), request.params.id)),
  );
}

function addGroupRoute(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;

  api.post(
    '/groups',
    {
      config: { access: 'group.write', refusals: ['name-taken', 'quota-reached', 'role-unknown'] },
      schema: {
        tags,
        summary: 'Add a group',
        body: z.strictObject({ name: plainName, roles: roles.default([]) }),
        response: { 201: group },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const row: GroupsTable = {
        ...{ id: newId('grp', clock, random), organisation_id: organisationOf(request), name: body.name },
        created_unix_ms: Math.round(clock.unixMs()),
      };
      const made = await publishChange(control, principalOf(request), async (transaction) => {
        await requireRoom(control, transaction, row.organisation_id, 'groups');
        await insertGroup(transaction, row);
        await giveGroupRoles(transaction, principalOf(request), row, body.roles);
        return { value: await item(transaction, row), note: { action: 'group.add', subject: row.id, detail: body } };
      });
      return reply.code(201).send(made);
    },
  );
}

function changeGroupRoute(api: Api, { control }: ApiContext): void {
  api.patch(
    '/groups/:id',
    {
      config: { access: 'group.write', refusals: ['name-taken', 'role-unknown'] },
      schema: {
        tags,
        summary: 'Change the name or the roles of a group',
        params: idParams,
        body: z.strictObject({ name: plainName, roles }).partial(),
        response: { 200: group },
      },
    },
    async (request) => {
      const { body } = request;
      const { id: groupId } = request.params;
      const organisationId = organisationOf(request);
      return publishChange(control, principalOf(request), async (transaction) => {
        const row = await requireGroup(transaction, organisationId, groupId);
        if (body.name !== undefined) await renameGroup(transaction, groupId, body.name);
        if (body.roles) await giveGroupRoles(transaction, principalOf(request), row, body.roles);
        const value = await item(transaction, await requireGroup(transaction, organisationId, groupId));
        return { value, note: { action: 'group.change', subject: groupId, detail: body } };
      });
    },
  );
}

function removeGroupRoute(api: Api, { control }: ApiContext): void {
  api.delete(
    '/groups/:id',
    {
      config: { access: 'group.write' },
      schema: { tags, summary: 'Remove a group', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { id: groupId } = request.params;
      const organisationId = organisationOf(request);
      await publishChange(control, principalOf(request), async (transaction) => {
        const row = await requireGroup(transaction, organisationId, groupId);
        requireOwnRoles(principalOf(request), await rolesOfGroup(transaction, groupId));
        await deleteGroup(transaction, organisationId, groupId);
        return { value: undefined, note: { action: 'group.remove', subject: groupId, detail: { name: row.name } } };
      });
      return reply.code(204).send(null);
    },
  );
}

function memberRoutes(api: Api, { control }: ApiContext): void {
  const change =
    (verb: 'add' | 'remove', alter: typeof addGroupMember | typeof removeGroupMember) =>
    async (principal: Principal, organisationId: string, groupId: string, userId: string): Promise<void> => {
      await publishChange(control, principal, async (transaction) => {
        await requireGroup(transaction, organisationId, groupId);
        await requireMember(transaction, organisationId, userId);
        // Whoever comes in gets what the group has.
        requireOwnRoles(principal, await rolesOfGroup(transaction, groupId));
        await alter(transaction, groupId, userId);
        return { value: undefined, note: { action: `group.${verb}-member`, subject: groupId, detail: { userId } } };
      });
    };
  const add = change('add', addGroupMember);
  const remove = change('remove', removeGroupMember);

  api.put(
    '/groups/:id/members/:userId',
    {
      config: { access: 'group.write' },
      schema: { tags, summary: 'Put a member into a group', params: memberParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      await add(principalOf(request), organisationOf(request), request.params.id, request.params.userId);
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/groups/:id/members/:userId',
    {
      config: { access: 'group.write' },
      schema: { tags, summary: 'Take a member out of a group', params: memberParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      await remove(principalOf(request), organisationOf(request), request.params.id, request.params.userId);
      return reply.code(204).send(null);
    },
  );
}

async function requireGroup(queries: Queries, organisationId: string, groupId: string): Promise<GroupsTable> {
  const row = await findGroup(queries, organisationId, groupId);
  if (!row) throw notFound('group', groupId);
  return row;
}

/** What comes or goes must be the caller's own. */
async function giveGroupRoles(
  transaction: StoreTransaction,
  principal: Principal,
  row: GroupsTable,
  names: readonly string[],
): Promise<void> {
  const wanted = await requireRoles(transaction, row.organisation_id, names);
  const held = await rolesOfGroup(transaction, row.id);
  const ids = new Set(wanted.map((role) => role.id));
  const had = new Set(held.map((role) => role.id));
  requireOwnRoles(principal, [
    ...wanted.filter((role) => !had.has(role.id)),
    ...held.filter((role) => !ids.has(role.id)),
  ]);
  await setGroupRoles(transaction, row.id, [...ids]);
}
