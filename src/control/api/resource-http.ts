/** What a resource does with HTTP beyond passing it on. */
import { z } from 'zod';
import { type HttpSettings, type MaintenanceSettings, parseCustomPages } from '../../core/http-rules/index.ts';
import {
  findResource,
  findTarget,
  type ResourcesTable,
  type StoreTransaction,
  updateOrganisation,
  updateResource,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import type { Changed } from '../control.ts';
import { notFound } from '../problems.ts';
import { requireOwn } from '../rights.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import { httpSettings, httpSettingsInvalid, readHttpSettings } from './http-shapes.ts';
import { requireOrganisation } from './organisation.ts';
import { idParams } from './schemas.ts';

const tags = ['resources'];

export function resourceHttpRoutes(api: Api, context: ApiContext): void {
  settingsRoutes(api, context);
  maintenanceRoute(api, context);
  errorPageRoutes(api, context);
}

function settingsRoutes(api: Api, { control }: ApiContext): void {
  api.get(
    '/resources/:id/http',
    {
      config: { access: 'resource.read' },
      schema: {
        tags,
        summary: "Read a resource's routes, header rules and limits",
        params: idParams,
        response: { 200: httpSettings },
      },
    },
    async (request) => {
      const row = await findResource(control.store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('resource', request.params.id);
      return shown(settingsOf(row));
    },
  );

  api.put(
    '/resources/:id/http',
    {
      config: { access: 'resource.write', refusals: ['http-settings-invalid'] },
      schema: {
        tags,
        summary: "Replace a resource's routes, header rules and limits",
        params: idParams,
        body: z.unknown().describe('see docs/http-rules.md; an empty object: nothing differs from the default'),
        response: { 200: httpSettings },
      },
    },
    async (request) => {
      const settings = readHttpSettings(request.body);
      const { id } = request.params;
      const organisationId = organisationOf(request);
      return publishChange(control, principalOf(request), async (transaction) => {
        const had = await findResource(transaction, organisationId, id);
        // It lets something through that the policy would not.
        const opens = settings.cors?.preflight === 'pass' && had && settingsOf(had).cors?.preflight !== 'pass';
        if (opens) requireOwn(principalOf(request), ['policy.write']);
        return putSettings(transaction, organisationId, id, settings);
      });
    },
  );
}

const maintenance = z.strictObject({
  on: z.boolean(),
  message: z.string().min(1).max(1_000).optional().describe('for people; left out: as it was'),
});

/** The switch: the rest of the settings stays as it is, whoever changes it meanwhile. */
function maintenanceRoute(api: Api, { control }: ApiContext): void {
  api.put(
    '/resources/:id/maintenance',
    {
      config: { access: 'resource.write', refusals: ['http-settings-invalid'] },
      schema: {
        tags,
        summary: 'Show a page in place of an application, or the application again',
        params: idParams,
        body: maintenance,
        response: { 200: httpSettings },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { on, message } = request.body;
      const organisationId = organisationOf(request);
      return publishChange(control, principalOf(request), async (transaction) => {
        const row = await findResource(transaction, organisationId, id);
        if (!row) throw notFound('resource', id);
        const had = settingsOf(row);
        const { on: _was, ...kept }: MaintenanceSettings = had.maintenance ?? {};
        const now = { ...kept, ...(on && { on }), ...(message !== undefined && { message }) };
        const { maintenance: _had, ...others } = had;
        const settings = readHttpSettings(Object.keys(now).length > 0 ? { ...others, maintenance: now } : others);
        return putSettings(transaction, organisationId, id, settings);
      });
    },
  );
}

const pages = z.object({ pages: z.array(z.object({ statuses: z.array(z.number()), html: z.string() })) });

/** Of all resources of the organisation that have none of their own. */
function errorPageRoutes(api: Api, { control }: ApiContext): void {
  api.get(
    '/organisation/error-pages',
    {
      config: { access: 'organisation.read', refusals: ['not-found'] },
      schema: { tags: ['organisation'], summary: "Read the pages in place of Manis's own", response: { 200: pages } },
    },
    async (request) => {
      const { error_pages } = await requireOrganisation(control.store.database, organisationOf(request));
      return { pages: JSON.parse(error_pages ?? '[]') as z.output<typeof pages>['pages'] };
    },
  );

  api.put(
    '/organisation/error-pages',
    {
      config: { access: 'organisation.write', refusals: ['http-settings-invalid'] },
      schema: {
        tags: ['organisation'],
        summary: "Replace the pages in place of Manis's own",
        body: z.strictObject({ pages: z.unknown().describe('as errorPages of a resource; see docs/http-rules.md') }),
        response: { 200: pages },
      },
    },
    async (request) => {
      const organisationId = organisationOf(request);
      const parsed = parseCustomPages(request.body.pages);
      if (!parsed.ok) throw httpSettingsInvalid(parsed.problems);
      const text = parsed.pages.length > 0 ? JSON.stringify(parsed.pages) : null;
      return publishChange(control, principalOf(request), async (transaction) => {
        await updateOrganisation(transaction, organisationId, { error_pages: text });
        const value = { pages: parsed.pages.map((page) => ({ ...page, statuses: [...page.statuses] })) };
        const detail = { statuses: parsed.pages.flatMap(({ statuses }) => statuses) };
        return { value, note: { action: 'organisation.error-pages.change', subject: organisationId, detail } };
      });
    },
  );
}

async function putSettings(
  transaction: StoreTransaction,
  organisationId: string,
  resourceId: string,
  settings: HttpSettings,
): Promise<Changed<z.output<typeof httpSettings>>> {
  await mustKnowTargets(transaction, organisationId, resourceId, settings);
  const text = Object.keys(settings).length > 0 ? JSON.stringify(settings) : null;
  if (!(await updateResource(transaction, organisationId, resourceId, { http_settings: text })))
    throw notFound('resource', resourceId);
  return {
    value: shown(settings),
    note: { action: 'resource.http.change', subject: resourceId, detail: { http: audited(settings) } },
  };
}

/** A route may lead to targets of its own resource alone. */
async function mustKnowTargets(
  transaction: StoreTransaction,
  organisationId: string,
  resourceId: string,
  { routes = [] }: HttpSettings,
): Promise<void> {
  const known = new Set<string>();
  for (const id of new Set(routes.flatMap(({ forward }) => forward?.targets ?? [])))
    if ((await findTarget(transaction, organisationId, id))?.resource_id === resourceId) known.add(id);
  const problems = routes.flatMap(({ forward }, route) =>
    (forward?.targets ?? []).flatMap((id, i) =>
      known.has(id)
        ? []
        : [
            {
              path: `routes[${route}].forward.targets[${i}]`,
              expected: 'a target of this resource',
              found: JSON.stringify(id),
            },
          ],
    ),
  );
  if (problems.length > 0) throw httpSettingsInvalid(problems);
}

const shown = (settings: HttpSettings): z.output<typeof httpSettings> =>
  settings as unknown as z.output<typeof httpSettings>;

function settingsOf(row: ResourcesTable): HttpSettings {
  return row.http_settings === null ? {} : (JSON.parse(row.http_settings) as HttpSettings);
}

/** Pages and values of header fields may be long, or secrets of a backend: the audit log names them and no more. */
function audited(settings: HttpSettings): unknown {
  return JSON.parse(JSON.stringify(settings), (key, value: unknown) =>
    (key === 'value' || key === 'html' || key === 'body') && typeof value === 'string'
      ? `(${value.length} characters)`
      : value,
  );
}
