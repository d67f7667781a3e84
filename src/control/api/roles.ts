import { z } from 'zod';
import { deleteRole, findRole, insertRole, listRoles, type RolesTable, updateRole } from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { newId } from '../ids.ts';
import { ORGANISATION_PERMISSIONS, permissionsOfRole } from '../permissions.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { requireOwn, requireOwnRoles } from '../rights.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { id, idParams, listQuery, name, nothing, pageOf, source, sourceItem, unixMs } from './schemas.ts';

export const permission = z.enum(ORGANISATION_PERMISSIONS);
const permissions = z.array(permission).max(ORGANISATION_PERMISSIONS.length);
const role = z.object({
  id,
  name,
  permissions: permissions.describe('what its holders may do by the API; policies may speak of a role without any'),
  builtIn: z.boolean(),
  source,
  createdUnixMs: unixMs,
});
/** Of roles and groups: policies and identity headers speak of them. */
export const plainName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, . _ -');
const tags = ['roles'];

const item = (row: RolesTable): z.output<typeof role> => ({
  id: row.id,
  name: row.name,
  permissions: [...permissionsOfRole(row)],
  builtIn: row.built_in !== null,
  source: sourceItem(row),
  createdUnixMs: row.created_unix_ms,
});

export function roleRoutes(api: Api, context: ApiContext): void {
  readRoleRoutes(api, context);
  addRoleRoute(api, context);
  changeRoleRoute(api, context);
  removeRoleRoute(api, context);
}

function readRoleRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  const config = { access: 'role.read' as const };

  api.get(
    '/roles',
    { config, schema: { tags, summary: 'List roles', querystring: listQuery, response: { 200: pageOf(role) } } },
    async (request) => pageItems(await listRoles(store.database, organisationOf(request), request.query), item),
  );

  api.get(
    '/roles/:id',
    { config, schema: { tags, summary: 'Read a role', params: idParams, response: { 200: role } } },
    async (request) => {
      const row = await findRole(store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('role', request.params.id);
      return item(row);
    },
  );
}

function addRoleRoute(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;
  const config = { access: 'role.write' as const };

  api.post(
    '/roles',
    {
      config: { ...config, refusals: ['name-taken', 'quota-reached'] },
      schema: {
        tags,
        summary: 'Add a role',
        body: z.strictObject({ name: plainName, permissions: permissions.default([]) }),
        response: { 201: role },
      },
    },
    async (request, reply) => {
      const { body } = request;
      requireOwn(principalOf(request), body.permissions);
      const row: RolesTable = {
        ...{ id: newId('rol', clock, random), organisation_id: organisationOf(request), name: body.name },
        ...{
          created_unix_ms: Math.round(clock.unixMs()),
          built_in: null,
          permissions: JSON.stringify(body.permissions),
        },
      };
      await publishChange(control, principalOf(request), async (transaction) => {
        await requireRoom(control, transaction, row.organisation_id, 'roles');
        await insertRole(transaction, row);
        return { value: row, note: { action: 'role.add', subject: row.id, detail: body } };
      });
      return reply.code(201).send(item(row));
    },
  );
}

function changeRoleRoute(api: Api, { control }: ApiContext): void {
  const config = { access: 'role.write' as const };

  api.patch(
    '/roles/:id',
    {
      config: { ...config, refusals: ['role-reserved'] },
      schema: {
        tags,
        summary: 'Change what a role allows; its name stays, since policies speak of it',
        params: idParams,
        body: z.strictObject({ permissions }),
        response: { 200: role },
      },
    },
    async (request) => {
      const { id: roleId } = request.params;
      const principal = principalOf(request);
      return publishChange(control, principal, async (transaction) => {
        const organisationId = organisationOf(request);
        const row = await findRole(transaction, organisationId, roleId);
        if (!row) throw notFound('role', roleId);
        if (row.built_in !== null) throw new ControlFailure('role-reserved', 'what a built-in role allows is fixed');
        requireOwnRoles(principal, [row]);
        requireOwn(principal, request.body.permissions);
        const changed = JSON.stringify(request.body.permissions);
        await updateRole(transaction, organisationId, roleId, { permissions: changed });
        const note = { action: 'role.change', subject: roleId, detail: { name: row.name, ...request.body } };
        return { value: item({ ...row, permissions: changed }), note };
      });
    },
  );
}

function removeRoleRoute(api: Api, { control }: ApiContext): void {
  const config = { access: 'role.write' as const };

  api.delete(
    '/roles/:id',
    {
      config: { ...config, refusals: ['role-reserved'] },
      schema: { tags, summary: 'Remove a role from everybody', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { id: roleId } = request.params;
      const principal = principalOf(request);
      await publishChange(control, principal, async (transaction) => {
        const organisationId = organisationOf(request);
        const row = await findRole(transaction, organisationId, roleId);
        if (!row) throw notFound('role', roleId);
        if (row.built_in !== null)
          throw new ControlFailure('role-reserved', `the role ${row.name} is built in and cannot be removed`);
        requireOwnRoles(principal, [row]);
        await deleteRole(transaction, organisationId, roleId);
        return { value: undefined, note: { action: 'role.remove', subject: roleId, detail: { name: row.name } } };
      });
      return reply.code(204).send(null);
    },
  );
}
