import { z } from 'zod';
import { LIST_KINDS, type NamedList, ProblemList, readNamedList } from '../../core/policy/index.ts';
import {
  deleteNamedList,
  findNamedList,
  findOrganisationPolicy,
  findResource,
  listNamedLists,
  type NamedListsTable,
  putNamedList,
  putOrganisationPolicy,
  updateResource,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { NAMED_LISTS_MAX } from '../constants.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import { policy, policyInvalid, readPolicy, scopeOf } from './policy-shapes.ts';
import { idParams, nothing, source, sourceItem, unixMs } from './schemas.ts';

const tags = ['policies'];
const body = z.unknown().describe('a policy; see docs/policy.md');

export function policyRoutes(api: Api, context: ApiContext): void {
  ofResource(api, context);
  ofOrganisation(api, context);
  readLists(api, context);
  changeLists(api, context);
}

function ofResource(api: Api, { control }: ApiContext): void {
  api.get(
    '/resources/:id/policy',
    {
      config: { access: 'policy.read' },
      schema: { tags, summary: "Read a resource's policy", params: idParams, response: { 200: policy } },
    },
    async (request) => {
      const row = await findResource(control.store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('resource', request.params.id);
      return JSON.parse(row.policy) as z.output<typeof policy>;
    },
  );

  api.put(
    '/resources/:id/policy',
    {
      config: { access: 'policy.write', refusals: ['policy-invalid'] },
      schema: { tags, summary: "Replace a resource's policy", params: idParams, body, response: { 200: policy } },
    },
    async (request) => {
      const { id: resourceId } = request.params;
      const found = await findResource(control.store.database, organisationOf(request), resourceId);
      const text = JSON.stringify(readPolicy(request.body, '', scopeOf(found?.kind)));
      return publishChange(control, principalOf(request), async (transaction) => {
        const organisationId = organisationOf(request);
        if (!(await updateResource(transaction, organisationId, resourceId, { policy: text })))
          throw notFound('resource', resourceId);
        const value = JSON.parse(text) as z.output<typeof policy>;
        const note = { action: 'policy.change', subject: resourceId, detail: { policy: value } };
        return { value, note };
      });
    },
  );
}

/** Its rules go before those of every resource, and only restrict. */
function ofOrganisation(api: Api, { control }: ApiContext): void {
  api.get(
    '/organisation/policy',
    {
      config: { access: 'policy.read' },
      schema: { tags, summary: "Read the rules before every resource's own", response: { 200: policy } },
    },
    async (request) => {
      const text = await findOrganisationPolicy(control.store.database, organisationOf(request));
      return JSON.parse(text ?? '{"rules":[]}') as z.output<typeof policy>;
    },
  );

  api.put(
    '/organisation/policy',
    {
      config: { access: 'policy.write', refusals: ['policy-invalid'] },
      schema: {
        tags,
        summary: "Replace the rules before every resource's own; they can only restrict",
        body,
        response: { 200: policy },
      },
    },
    async (request) => {
      const organisationId = organisationOf(request);
      const text = JSON.stringify(readPolicy(request.body, '', 'organisation'));
      return publishChange(control, principalOf(request), async (transaction) => {
        await putOrganisationPolicy(transaction, { organisation_id: organisationId, policy: text });
        const value = JSON.parse(text) as z.output<typeof policy>;
        const note = { action: 'organisation.policy.change', subject: organisationId, detail: { policy: value } };
        return { value, note };
      });
    },
  );
}

export const listName = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'small letters, digits and single hyphens');
const listParams = z.object({ name: listName });
const list = z.object({
  name: z.string(),
  kind: z.enum(LIST_KINDS),
  entries: z.array(z.union([z.string(), z.number()])),
  source,
  updatedUnixMs: unixMs,
});

function item(row: NamedListsTable): z.output<typeof list> {
  const { kind, entries } = JSON.parse(row.list) as NamedList;
  return { name: row.name, kind, entries: [...entries], source: sourceItem(row), updatedUnixMs: row.updated_unix_ms };
}

function readLists(api: Api, { control }: ApiContext): void {
  const { database } = control.store;

  api.get(
    '/lists',
    {
      config: { access: 'policy.read' },
      schema: {
        tags,
        summary: 'List the named lists of addresses, countries, networks, e-mail addresses and users',
        response: { 200: z.object({ items: z.array(list), next: z.null() }) },
      },
    },
    async (request) => {
      const rows = await listNamedLists(database, organisationOf(request));
      return { items: rows.map(item), next: null };
    },
  );

  api.get(
    '/lists/:name',
    {
      config: { access: 'policy.read' },
      schema: { tags, summary: 'Read a named list', params: listParams, response: { 200: list } },
    },
    async (request) => {
      const { name } = request.params;
      const row = await findNamedList(database, organisationOf(request), name);
      if (!row) throw notFound('list', name);
      return item(row);
    },
  );
}

function changeLists(api: Api, { control }: ApiContext): void {
  api.put(
    '/lists/:name',
    {
      config: { access: 'policy.write', refusals: ['policy-invalid'] },
      schema: {
        tags,
        summary: 'Add or replace a named list',
        params: listParams,
        body: z.unknown().describe('an object of kind and entries'),
        response: { 200: list },
      },
    },
    async (request) => {
      const { name } = request.params;
      const value = readList(request.body);
      const row: NamedListsTable = {
        organisation_id: organisationOf(request),
        name,
        list: JSON.stringify(value),
        updated_unix_ms: Math.round(control.clock.unixMs()),
      };
      return publishChange(control, principalOf(request), async (transaction) => {
        if (!(await putNamedList(transaction, row, NAMED_LISTS_MAX)))
          throw new ControlFailure('request-invalid', `an organisation has at most ${NAMED_LISTS_MAX} lists`);
        const detail = { kind: value.kind, count: value.entries.length };
        const only = { kind: 'organisation-policy' as const, organisationId: row.organisation_id };
        return { value: item(row), note: { action: 'list.put', subject: name, detail }, only };
      });
    },
  );

  api.delete(
    '/lists/:name',
    {
      config: { access: 'policy.write' },
      schema: {
        tags,
        summary: 'Remove a named list; a rule that still names it admits nobody by it',
        params: listParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        if (!(await deleteNamedList(transaction, organisationOf(request), name))) throw notFound('list', name);
        return { value: undefined, note: { action: 'list.remove', subject: name } };
      });
      return reply.code(204).send(null);
    },
  );
}

function readList(json: unknown): NamedList {
  const problems = new ProblemList();
  const read = readNamedList(json, '', problems);
  if (!read || problems.problems.length > 0) throw policyInvalid(problems.problems, '');
  return read;
}
