import { z } from 'zod';
import type { ProviderSettings } from '../../core/identity/index.ts';
import {
  deleteIdentityProvider,
  type IdentityProvidersTable,
  insertIdentityProvider,
  listIdentityProviders,
  updateIdentityProvider,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { newId } from '../ids.ts';
import type { Principal } from '../principal.ts';
import { ControlFailure } from '../problems.ts';
import { clientSettingsOf, portalOriginOf, secretPlace } from '../providers/client-settings.ts';
import { endProviderSessions, forgetIdentities, requireProvider } from '../providers/provider-ends.ts';
import { requireRoom } from '../quotas.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import {
  changedSettings,
  leadsElsewhere,
  newProvider,
  provider,
  providerChange,
  providerItem,
  settingsOfNew,
} from './provider-shapes.ts';
import { PROVIDER_REFUSALS } from './refusals.ts';
import { idParams, listQuery, nothing, pageOf } from './schemas.ts';

const tags = ['providers'];

export function providerRoutes(api: Api, context: ApiContext): void {
  readProviderRoutes(api, context);
  addProviderRoutes(api, context);
  changeProviderRoutes(api, context);
  endProviderRoutes(api, context);
}

function readProviderRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;

  api.get(
    '/providers',
    {
      config: { access: 'provider.read' },
      schema: {
        tags,
        summary: 'List identity providers',
        querystring: listQuery,
        response: { 200: pageOf(provider) },
      },
    },
    async (request) =>
      pageItems(await listIdentityProviders(store.database, organisationOf(request), request.query), (row) =>
        providerItem(control, row),
      ),
  );

  api.get(
    '/providers/:id',
    {
      config: { access: 'provider.read' },
      schema: { tags, summary: 'Read an identity provider', params: idParams, response: { 200: provider } },
    },
    async (request) =>
      providerItem(control, await requireProvider(control, organisationOf(request), request.params.id)),
  );

  api.post(
    '/providers/:id/test',
    {
      config: { access: 'provider.write', refusals: [...PROVIDER_REFUSALS] },
      schema: {
        tags,
        summary: 'Ask the provider for its discovery document and keys, and say where to sign in for a test',
        params: idParams,
        response: {
          200: z.object({
            issuer: z.string(),
            authorizationEndpoint: z.string(),
            keys: z.number().int(),
            canSignOut: z.boolean(),
            tryUrl: z.string().describe('to be opened by an administrator: shows the claims and what becomes of them'),
          }),
        },
      },
    },
    async (request) => {
      const row = await requireProvider(control, organisationOf(request), request.params.id);
      const found = await control.identityProviders.of(clientSettingsOf(row, control.keys.sealing)).check();
      return { ...found, tryUrl: `${portalOriginOf(control)}/sign-in/provider/${row.name}/try` };
    },
  );
}

function addProviderRoutes(api: Api, { control }: ApiContext): void {
  const { clock, random, keys } = control;

  api.post(
    '/providers',
    {
      config: {
        access: 'provider.write',
        refusals: ['mapping-invalid', 'name-taken', 'provider-invalid', 'quota-reached'],
      },
      schema: { tags, summary: 'Add an identity provider', body: newProvider, response: { 201: provider } },
    },
    async (request, reply) => {
      const { body } = request;
      const settings = settingsOfNew(body);
      requireReach(principalOf(request), settings);
      const providerId = newId('idp', clock, random);
      const row: IdentityProvidersTable = {
        id: providerId,
        organisation_id: organisationOf(request),
        name: body.name,
        enabled: body.enabled === false ? 0 : 1,
        client_id: body.clientId,
        client_secret:
          body.clientSecret === undefined ? null : keys.sealing.seal(body.clientSecret, secretPlace(providerId)),
        settings: JSON.stringify(settings),
        created_unix_ms: Math.round(clock.unixMs()),
      };
      await publishChange(control, principalOf(request), async (transaction) => {
        await requireRoom(control, transaction, row.organisation_id, 'providers');
        await insertIdentityProvider(transaction, row);
        const { caPem: _ca, ...detail } = settings;
        return { value: row, note: { action: 'provider.add', subject: row.id, detail: { name: row.name, ...detail } } };
      });
      return reply.code(201).send(providerItem(control, row));
    },
  );
}

function changeProviderRoutes(api: Api, { control }: ApiContext): void {
  api.patch(
    '/providers/:id',
    {
      config: {
        access: 'provider.write',
        refusals: ['mapping-invalid', 'name-taken', 'provider-invalid', 'provider-secret-needed'],
      },
      schema: {
        tags,
        summary: 'Change an identity provider; turning it off ends every session that came through it',
        params: idParams,
        body: providerChange,
        response: { 200: provider },
      },
    },
    async (request) => {
      const { body } = request;
      const { id: providerId } = request.params;
      const before = await requireProvider(control, organisationOf(request), providerId);
      const known = JSON.parse(before.settings) as ProviderSettings;
      const settings = changedSettings(known, body);
      if (!isSwitch(body)) requireReach(principalOf(request), known, settings);
      if (before.client_secret !== null && body.clientSecret === undefined && leadsElsewhere(known, settings))
        throw new ControlFailure('provider-secret-needed', 'say the client secret again: it would go somewhere else');
      const change = {
        ...(body.name !== undefined && { name: body.name }),
        ...(body.enabled !== undefined && { enabled: body.enabled ? (1 as const) : (0 as const) }),
        ...(body.clientId !== undefined && { client_id: body.clientId }),
        ...(body.clientSecret !== undefined && {
          client_secret: control.keys.sealing.seal(body.clientSecret, secretPlace(providerId)),
        }),
        settings: JSON.stringify(settings),
      };
      await publishChange(control, principalOf(request), async (transaction) => {
        await updateIdentityProvider(transaction, providerId, change);
        const { clientSecret, caPem: _ca, ...said } = body;
        const detail = { ...said, clientSecret: clientSecret !== undefined };
        // Subjects are an issuer's: another one could call itself whom it likes.
        const isOther = settings.issuer !== known.issuer;
        if (isOther) await forgetIdentities(control, transaction, providerId);
        const ends = isOther || body.enabled === false;
        const revoke = ends ? await endProviderSessions(control, transaction, providerId) : [];
        return { value: undefined, note: { action: 'provider.change', subject: providerId, detail }, revoke };
      });
      return providerItem(control, await requireProvider(control, organisationOf(request), providerId));
    },
  );
}

function endProviderRoutes(api: Api, { control }: ApiContext): void {
  api.delete(
    '/providers/:id',
    {
      config: { access: 'provider.write' },
      schema: {
        tags,
        summary: 'Remove an identity provider; sessions that came through it end, accounts stay',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const row = await requireProvider(control, organisationOf(request), request.params.id);
      await publishChange(control, principalOf(request), async (transaction) => {
        const revoke = await endProviderSessions(control, transaction, row.id);
        await forgetIdentities(control, transaction, row.id);
        await deleteIdentityProvider(transaction, row.id);
        const note = { action: 'provider.remove', subject: row.id, detail: { name: row.name } };
        return { value: undefined, note, revoke };
      });
      return reply.code(204).send(null);
    },
  );
}

/**
 * What a provider may do beyond its organisation, becoming somebody in others, leading requests into the private network
 * of control and PoPs, or standing before everybody's eyes at the portal's root, is for whoever looks after the installation; and so is then everything else about it but whether it
 * is on, for the same right would go to another issuer.
 */
function requireReach({ isInstallationAdmin }: Principal, ...versions: readonly ProviderSettings[]): void {
  if (isInstallationAdmin) return;
  const refuse = (what: string): never => {
    throw new ControlFailure('rights-missing', `a provider with ${what} is for administrators of the installation`);
  };
  if (versions.some(({ mapping }) => mapping.organisation !== undefined)) refuse('mapping.organisation');
  if (versions.some(({ allowPrivate }) => allowPrivate)) refuse('allowPrivate');
  if (versions.some(({ listed }) => listed === true)) refuse('listed');
}

function isSwitch(body: object): boolean {
  return Object.keys(body).every((key) => key === 'enabled');
}
