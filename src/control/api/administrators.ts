/** Administrators of the installation: PoPs, control nodes, certificates and organisations, and nothing in these. */
import { z } from 'zod';
import { findUser, listInstallationAdmins, updateUser } from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { notFound } from '../problems.ts';
import { keepOwners } from '../rights.ts';
import { type Api, type ApiContext, principalOf } from './api.ts';
import { id, idParams, nothing } from './schemas.ts';

const tags = ['installation'];
const administrator = z.object({ id, email: z.string(), name: z.string(), disabled: z.boolean() });

export function administratorRoutes(api: Api, { control }: ApiContext): void {
  api.get(
    '/installation/administrators',
    {
      config: { access: 'installation.read' },
      schema: {
        tags,
        summary: 'List administrators of the installation',
        response: { 200: z.object({ items: z.array(administrator) }) },
      },
    },
    async () => {
      const rows = await listInstallationAdmins(control.store.database);
      return {
        items: rows.map((row) => ({ id: row.id, email: row.email, name: row.name, disabled: row.disabled === 1 })),
      };
    },
  );

  for (const [method, isAdmin] of [
    ['put', true],
    ['delete', false],
  ] as const)
    api[method](
      '/installation/administrators/:id',
      {
        config: { access: 'installation.write', refusals: isAdmin ? [] : ['last-admin'] },
        schema: {
          tags,
          summary: isAdmin ? 'Make an account an administrator of the installation' : 'Take these rights away',
          params: idParams,
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        const { id: userId } = request.params;
        await publishChange(control, principalOf(request), async (transaction) => {
          if (!(await findUser(transaction, userId))) throw notFound('user', userId);
          await updateUser(transaction, userId, { installation_admin: isAdmin ? 1 : 0 });
          await keepOwners(transaction, []);
          const action = isAdmin ? 'installation.add-administrator' : 'installation.remove-administrator';
          return { value: undefined, note: { action, subject: userId } };
        });
        return reply.code(204).send(null);
      },
    );
}
