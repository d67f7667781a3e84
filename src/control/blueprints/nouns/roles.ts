import { z } from 'zod';
import { listGroups, listRoles, rolesOfGroup } from '../../../io/store/index.ts';
import { permission, plainName } from '../../api/roles.ts';
import { knownPermissions } from '../../permissions.ts';
import { everyRow } from '../every-row.ts';
import type { Part } from '../part.ts';

const roleShape = z.strictObject({
  permissions: z.array(permission).default([]).describe('what its holders may do by the API'),
});
const groupShape = z.strictObject({
  roles: z.array(z.string().max(128)).max(200).default([]).describe('which whoever is in the group has'),
});

/** Those that are built in are there anyway. */
export const roles: Part = {
  noun: 'roles',
  permission: 'role.read',
  shape: roleShape,
  nameShape: plainName,
  async stored({ queries, organisationId }) {
    const rows = await everyRow((request) => listRoles(queries, organisationId, request));
    return rows
      .filter((row) => row.built_in === null)
      .map((row) => ({
        ...{ noun: 'roles', id: row.id, name: row.name, source: row.source ?? null },
        fields: { permissions: knownPermissions(row.permissions).sort() },
      }));
  },
  async wanted(name, entry) {
    const { permissions } = entry as z.output<typeof roleShape>;
    return { noun: 'roles', name, fields: { permissions: [...new Set(permissions)].sort() } };
  },
  entryOf: ({ fields }) => (Array.isArray(fields['permissions']) && fields['permissions'].length > 0 ? fields : {}),
  create: async (calls, { name, fields }) => (await calls.post('/roles', { name, ...fields })).id,
  async update(calls, { fields }, { id }) {
    await calls.patch(`/roles/${id}`, fields);
    return id;
  },
  remove: (calls, { id }) => calls.remove(`/roles/${id}`),
};

export const groups: Part = {
  noun: 'groups',
  permission: 'group.read',
  shape: groupShape,
  nameShape: plainName,
  async stored({ queries, organisationId }) {
    const rows = await everyRow((request) => listGroups(queries, organisationId, request));
    return Promise.all(
      rows.map(async (row) => ({
        ...{ noun: 'groups' as const, id: row.id, name: row.name, source: row.source ?? null },
        fields: { roles: (await rolesOfGroup(queries, row.id)).map((role) => role.name).sort() },
      })),
    );
  },
  async wanted(name, entry) {
    const given = entry as z.output<typeof groupShape>;
    return { noun: 'groups', name, fields: { roles: [...new Set(given.roles)].sort() } };
  },
  entryOf: ({ fields }) => fields,
  create: async (calls, { name, fields }) => (await calls.post('/groups', { name, ...fields })).id,
  async update(calls, { fields }, { id }) {
    await calls.patch(`/groups/${id}`, fields);
    return id;
  },
  remove: (calls, { id }) => calls.remove(`/groups/${id}`),
};
