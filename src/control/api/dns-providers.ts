/** Accounts at those who serve zones, for proofs to certificate authorities. */
import { z } from 'zod';
import { fromBase64 } from '../../base/index.ts';
import type { DnsProviderSettings } from '../../io/dns-providers/dns-provider.ts';
import {
  type DnsProvidersTable,
  deleteDnsProvider,
  domainsOfDnsProvider,
  findDnsProvider,
  insertDnsProvider,
  listDnsProviders,
  type Queries,
  updateDnsProvider,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { dnsProviderOf, dnsSecretPlace } from '../domains/dns-providers.ts';
import { dnsName } from '../host-names.ts';
import { newId } from '../ids.ts';
import type { Principal } from '../principal.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import {
  dnsProvider,
  dnsProviderChange,
  dnsProviderItem,
  dnsProviderSettings,
  newDnsProvider,
} from './dns-provider-shapes.ts';
import { DNS_PROVIDER_REFUSALS } from './refusals.ts';
import { idParams, listQuery, nothing, pageOf } from './schemas.ts';

const tags = ['dns-providers'];

export function dnsProviderRoutes(api: Api, context: ApiContext): void {
  readRoutes(api, context);
  addRoute(api, context);
  changeRoute(api, context);
  endRoute(api, context);
}

function readRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;

  api.get(
    '/dns-providers',
    {
      config: { access: 'domain.read' },
      schema: { tags, summary: 'List DNS providers', querystring: listQuery, response: { 200: pageOf(dnsProvider) } },
    },
    async (request) =>
      pageItems(await listDnsProviders(database, organisationOf(request), request.query), dnsProviderItem),
  );

  api.get(
    '/dns-providers/:id',
    {
      config: { access: 'domain.read' },
      schema: { tags, summary: 'Read a DNS provider', params: idParams, response: { 200: dnsProvider } },
    },
    async (request) => dnsProviderItem(await requireDnsProvider(database, organisationOf(request), request.params.id)),
  );

  api.post(
    '/dns-providers/:id/test',
    {
      config: { access: 'domain.write', refusals: ['dns-provider-unknown', 'host-invalid', ...DNS_PROVIDER_REFUSALS] },
      schema: {
        tags,
        summary: 'Ask the provider for the zone of a name, which shows that the secret is good',
        params: idParams,
        body: z.strictObject({ name: z.string().min(1).max(253) }),
        response: { 200: z.object({ zone: z.string() }) },
      },
    },
    async (request) => {
      const row = await requireDnsProvider(database, organisationOf(request), request.params.id);
      return { zone: await dnsProviderOf(row, control).zoneOf(dnsName('name', request.body.name)) };
    },
  );
}

function addRoute(api: Api, { control }: ApiContext): void {
  const { clock, random, keys } = control;

  api.post(
    '/dns-providers',
    {
      config: {
        access: 'domain.write',
        refusals: ['dns-provider-invalid', 'host-invalid', 'name-taken', 'quota-reached'],
      },
      schema: { tags, summary: 'Add a DNS provider', body: newDnsProvider, response: { 201: dnsProvider } },
    },
    async (request, reply) => {
      const { name, secret, ...given } = request.body;
      const settings = dnsProviderSettings(given);
      requireReach(principalOf(request), settings);
      refuseUnfitSecret(settings, secret);
      const id = newId('dns', clock, random);
      const row: DnsProvidersTable = {
        ...{ id, organisation_id: organisationOf(request), name, kind: settings.kind },
        ...{ settings: JSON.stringify(settings), secret: keys.sealing.seal(secret, dnsSecretPlace(id)) },
        created_unix_ms: Math.round(clock.unixMs()),
      };
      await publishChange(control, principalOf(request), async (transaction) => {
        await requireRoom(control, transaction, row.organisation_id, 'dnsProviders');
        await insertDnsProvider(transaction, row);
        return { value: undefined, note: { action: 'dns-provider.add', subject: id, detail: { name, ...settings } } };
      });
      return reply.code(201).send(dnsProviderItem(row));
    },
  );
}

function changeRoute(api: Api, { control }: ApiContext): void {
  api.patch(
    '/dns-providers/:id',
    {
      config: { access: 'domain.write', refusals: ['dns-provider-invalid', 'host-invalid', 'name-taken'] },
      schema: {
        tags,
        summary: 'Change a DNS provider',
        params: idParams,
        body: dnsProviderChange,
        response: { 200: dnsProvider },
      },
    },
    async (request) => {
      const { name, secret, ...given } = request.body;
      const row = await publishChange(control, principalOf(request), async (transaction) => {
        const before = await requireDnsProvider(transaction, organisationOf(request), request.params.id);
        const known = JSON.parse(before.settings) as DnsProviderSettings;
        const settings = dnsProviderSettings({ ...known, ...given, kind: known.kind });
        requireReach(principalOf(request), known, settings);
        if (secret === undefined && leadsElsewhere(known, settings))
          throw new ControlFailure('dns-provider-invalid', 'secret: say it again, it would go somewhere else');
        if (secret !== undefined) refuseUnfitSecret(settings, secret);
        const sealed =
          secret === undefined ? before.secret : control.keys.sealing.seal(secret, dnsSecretPlace(before.id));
        const change = { name: name ?? before.name, settings: JSON.stringify(settings), secret: sealed };
        await updateDnsProvider(transaction, before.id, change);
        const detail = { name: change.name, ...settings, secret: secret !== undefined };
        return { value: { ...before, ...change }, note: { action: 'dns-provider.change', subject: before.id, detail } };
      });
      return dnsProviderItem(row);
    },
  );
}

function endRoute(api: Api, { control }: ApiContext): void {
  api.delete(
    '/dns-providers/:id',
    {
      config: { access: 'domain.write', refusals: ['dns-provider-in-use'] },
      schema: { tags, summary: 'Remove a DNS provider', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      await publishChange(control, principalOf(request), async (transaction) => {
        const row = await requireDnsProvider(transaction, organisationOf(request), request.params.id);
        const domains = await domainsOfDnsProvider(transaction, row.id);
        if (domains.length > 0)
          throw new ControlFailure('dns-provider-in-use', `${domains.slice(0, 5).join(', ')} would have no provider`);
        await deleteDnsProvider(transaction, row.id);
        const note = { action: 'dns-provider.remove', subject: row.id, detail: { name: row.name } };
        return { value: undefined, note };
      });
      return reply.code(204).send(null);
    },
  );
}

async function requireDnsProvider(queries: Queries, organisationId: string, id: string): Promise<DnsProvidersTable> {
  const row = await findDnsProvider(queries, organisationId, id);
  if (!row) throw notFound('DNS provider', id);
  return row;
}

/** Requests of control into private networks, or to a server in place of the provider's, are for who runs it. */
function requireReach({ isInstallationAdmin }: Principal, ...versions: readonly DnsProviderSettings[]): void {
  if (isInstallationAdmin) return;
  for (const settings of versions)
    if (settings.allowPrivate || ('endpoint' in settings && settings.endpoint !== undefined))
      throw new ControlFailure(
        'rights-missing',
        'a DNS provider with endpoint or allowPrivate is for administrators of the installation',
      );
}

/** A known secret must not be sent to a server that somebody else chose. */
function leadsElsewhere(known: DnsProviderSettings, next: DnsProviderSettings): boolean {
  const placeOf = (settings: DnsProviderSettings): unknown =>
    settings.kind === 'rfc2136' ? [settings.server, settings.keyName, settings.algorithm] : settings.endpoint;
  return JSON.stringify(placeOf(known)) !== JSON.stringify(placeOf(next));
}

function refuseUnfitSecret({ kind }: DnsProviderSettings, secret: string): void {
  if (kind === 'rfc2136' && (fromBase64(secret)?.length ?? 0) < 16)
    throw new ControlFailure('dns-provider-invalid', 'secret: a TSIG key of 16 bytes or more, in base64');
  if (/[^\x21-\x7e]/.test(secret))
    throw new ControlFailure('dns-provider-invalid', 'secret: one word of printable ASCII');
}
