import { z } from 'zod';
import { deleteRole, findRole, insertRole, listRoles, type RolesTable } from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { ADMIN_ROLE } from '../constants.ts';
import { newId } from '../ids.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { type Api, type ApiContext, pageItems, principalOf } from './api.ts';
import { id, idParams, name, nothing, pageOf, pageQuery, unixMs } from './schemas.ts';

const role = z.object({ id, name, createdUnixMs: unixMs });
const roleName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, . _ -');

export function roleRoutes(api: Api, { control }: ApiContext): void {
  const { store, clock, random } = control;
  const tags = ['roles'];
  const item = (row: RolesTable) => ({ id: row.id, name: row.name, createdUnixMs: row.created_unix_ms });

  api.get(
    '/roles',
    { schema: { tags, summary: 'List roles', querystring: pageQuery, response: { 200: pageOf(role) } } },
    async (request) => pageItems(await listRoles(store.database, request.query), item),
  );

  api.post(
    '/roles',
    { schema: { tags, summary: 'Add a role', body: z.strictObject({ name: roleName }), response: { 201: role } } },
    async (request, reply) => {
      const row = {
        id: newId('rol', clock, random),
        name: request.body.name,
        created_unix_ms: Math.round(clock.unixMs()),
      };
      await publishChange(control, principalOf(request), async (transaction) => {
        await insertRole(transaction, row);
        return { value: row, note: { action: 'role.add', subject: row.id, detail: { name: row.name } } };
      });
      return reply.code(201).send(item(row));
    },
  );

  api.delete(
    '/roles/:id',
    { schema: { tags, summary: 'Remove a role from everybody', params: idParams, response: { 204: nothing } } },
    async (request, reply) => {
      const { id: roleId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        const row = await findRole(transaction, roleId);
        if (!row) throw notFound('role', roleId);
        if (row.name === ADMIN_ROLE) throw new ControlFailure('role-reserved', 'the role admin cannot be removed');
        await deleteRole(transaction, roleId);
        return { value: undefined, note: { action: 'role.remove', subject: roleId, detail: { name: row.name } } };
      });
      return reply.code(204).send(null);
    },
  );
}
