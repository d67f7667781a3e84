/** The whole organisation as one document. */
import { z } from 'zod';
import { DASHBOARD, isPersonalSource, NOUNS } from '../../core/blueprint/index.ts';
import { ownedRows, setSource, sourceOf } from '../../io/store/index.ts';
import { applyBlueprint } from '../blueprints/apply.ts';
import { connectorNews } from '../blueprints/connector-news.ts';
import { BLUEPRINT_MAX_CHARS, BLUEPRINT_SECRETS_MAX } from '../blueprints/constants.ts';
import { exportBlueprint } from '../blueprints/export.ts';
import { blueprintSchema, partOf, writePermissionOf } from '../blueprints/parts.ts';
import { publishChange } from '../change.ts';
import type { Permission } from '../permissions.ts';
import { ControlFailure } from '../problems.ts';
import { requireOwn } from '../rights.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import { id, nothing, unixMs } from './schemas.ts';

const tags = ['blueprint'];
const noun = z.enum(NOUNS);
const place = { noun, name: z.string() };

const request = z.strictObject({
  text: z.string().max(BLUEPRINT_MAX_CHARS).describe('the document, YAML or JSON; see docs/blueprints.md'),
  source: z
    .string()
    .refine(isPersonalSource, 'dashboard, or file: and a name of letters, digits, . _ -')
    .default(DASHBOARD)
    .describe('who owns what it adds: dashboard, or file:NAME'),
  prune: z.boolean().default(false).describe('remove what the source owns and the document does not name'),
  takeOver: z.boolean().default(false).describe('own what it names, whoever owned it before'),
  secrets: z
    .record(z.string().max(1_100), z.string().max(8_192))
    .refine((all) => Object.keys(all).length <= BLUEPRINT_SECRETS_MAX, `at most ${BLUEPRINT_SECRETS_MAX}`)
    .default({})
    .describe(
      'what stands behind its references: env:NAME or file:PATH to the secret; kept nowhere but where it belongs',
    ),
});
const basis = z.string().max(64).describe('of what the plan was made; another one where something was changed since');

const change = z.object({
  path: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});
const plan = z.object({
  steps: z
    .array(
      z.object({
        verb: z.enum(['create', 'update', 'delete', 'take-over']),
        ...place,
        changes: z.array(change),
        takenFrom: z.string().optional().describe('who owned it'),
      }),
    )
    .describe('in the order in which they are taken'),
  refusals: z
    .array(z.object({ ...place, owner: z.string(), text: z.string() }))
    .describe('what another source owns; with any of these nothing is applied'),
  unchanged: z.number().int(),
  left: z.array(z.object(place)).describe('what the source owns and the document does not name; prune removes it'),
  basis,
  applied: z.boolean(),
});

export function blueprintRoutes(api: Api, context: ApiContext): void {
  readRoutes(api, context);
  schemaRoute(api);
  applyRoutes(api, context);
  sourceRoutes(api, context);
  connectorRoute(api, context);
}

function readRoutes(api: Api, { control }: ApiContext): void {
  api.get(
    '/blueprint',
    {
      config: { access: 'organisation.read', refusals: ['not-found'] },
      schema: {
        tags,
        summary: 'The organisation as one document, without secrets',
        response: { 200: z.object({ text: z.string(), basis, leftOut: z.array(noun) }) },
      },
    },
    async (asking) => {
      const organisationId = organisationOf(asking);
      const url = `https://${control.portalHost}:${control.publicPort}/api/v1/blueprint/schema`;
      const { store } = control;
      const exported = await store.read((queries) =>
        exportBlueprint(control, queries, organisationId, principalOf(asking), url),
      );
      return { ...exported, leftOut: [...exported.leftOut] };
    },
  );
}

function schemaRoute(api: Api): void {
  api.get(
    '/blueprint/schema',
    {
      // The same for everybody, so that editors may read it.
      config: { access: 'public' },
      schema: { tags, summary: 'JSON Schema of blueprints', response: { 200: z.record(z.string(), z.unknown()) } },
    },
    async () => ({ ...blueprintSchema() }),
  );
}

function applyRoutes(api: Api, context: ApiContext): void {
  const config = {
    access: 'organisation.read' as const,
    refusesLike: new Set<Permission>(NOUNS.map(writePermissionOf)),
  };
  const refusals = ['blueprint-invalid', 'name-unknown', 'not-found', 'secret-missing'] as const;

  api.post(
    '/blueprint/plan',
    {
      config: { ...config, refusals },
      schema: {
        tags,
        summary: 'What applying a document would change; all of it is tried, and nothing stays',
        body: request,
        response: { 200: plan },
      },
    },
    async (asking) => shown(await applyBlueprint(context, principalOf(asking), { ...asking.body, dryRun: true })),
  );

  api.post(
    '/blueprint/apply',
    {
      config: { ...config, refusals: [...refusals, 'blueprint-conflict', 'blueprint-stale'] },
      schema: {
        tags,
        summary: 'Make the organisation what a document says: all of it, or nothing',
        body: request.extend({ basis: basis.optional() }),
        response: { 200: plan },
      },
    },
    async (asking) => shown(await applyBlueprint(context, principalOf(asking), { ...asking.body, dryRun: false })),
  );
}

function shown(made: Awaited<ReturnType<typeof applyBlueprint>>): z.output<typeof plan> {
  return JSON.parse(JSON.stringify(made)) as z.output<typeof plan>;
}

const handedIn = z.object({
  ...{ connectorId: id, connectorName: z.string(), siteId: id, siteName: z.string(), kind: z.enum(['docker', 'file']) },
  outcome: z.enum(['applied', 'refused']),
  text: z.string(),
  problems: z.array(z.object({ place: z.string(), reason: z.string(), text: z.string() })),
  updatedUnixMs: unixMs,
});
const owned = z.object({ noun, id, name: z.string(), source: z.string() });

function sourceRoutes(api: Api, { control }: ApiContext): void {
  api.get(
    '/blueprint/owned',
    {
      config: { access: 'organisation.read' },
      schema: {
        tags,
        summary: 'Everything that another source than the dashboard owns',
        response: { 200: z.object({ items: z.array(owned), next: z.null() }) },
      },
    },
    async (asking) => {
      const { permissions } = principalOf(asking);
      const rows = await ownedRows(control.store.database, organisationOf(asking));
      const items = rows.flatMap(({ source, ...row }) =>
        source !== null && permissions.has(partOf(row.noun).permission) ? [{ ...row, source }] : [],
      );
      return { items, next: null };
    },
  );

  api.post(
    '/blueprint/release',
    {
      config: { access: 'organisation.read', refusals: ['not-found'] },
      schema: {
        tags,
        summary: 'Give a thing to the dashboard, whoever owns it; what owned it may not change it any more',
        body: z.strictObject({ noun, id }),
        response: { 204: nothing },
      },
    },
    async (asking, reply) => {
      const organisationId = organisationOf(asking);
      const { noun: of, id: thing } = asking.body;
      const thingId = of === 'organisation' ? organisationId : thing;
      requireOwn(principalOf(asking), [writePermissionOf(of)]);
      await publishChange(control, principalOf(asking), async (transaction) => {
        const found = await sourceOf(transaction, organisationId, of, thingId);
        if (!found) throw new ControlFailure('not-found', `there is no such thing among ${of}`);
        await setSource(transaction, organisationId, of, thingId, null);
        const detail = { noun: of, name: found.name, owner: found.source ?? DASHBOARD };
        return { value: undefined, note: { action: 'blueprint.release', subject: thingId, detail } };
      });
      return reply.code(204).send(null);
    },
  );
}

function connectorRoute(api: Api, { control }: ApiContext): void {
  api.get(
    '/blueprint/connectors',
    {
      config: { access: 'site.read' },
      schema: {
        tags,
        summary: 'What connectors publish by labels and files, and what was not taken of it',
        response: { 200: z.object({ items: z.array(handedIn), next: z.null() }) },
      },
    },
    async (asking) => {
      const items = await connectorNews(control.store.database, organisationOf(asking));
      return { items: items.map((one) => ({ ...one, problems: [...one.problems] })), next: null };
    },
  );
}
