import type { z } from 'zod';
import { z as zod } from 'zod';
import type { JsonObject } from '../../../core/blueprint/index.ts';
import {
  findAnyDnsProvider,
  listDnsProviders,
  listDomains,
  listOwnCertificates,
  type Queries,
} from '../../../io/store/index.ts';
import { dnsProviderSettings, newDnsProvider } from '../../api/dns-provider-shapes.ts';
import { newDomain } from '../../api/domain-shapes.ts';
import { dnsSecretPlace } from '../../domains/dns-providers.ts';
import { dnsName } from '../../host-names.ts';
import { everyRow } from '../every-row.ts';
import { named } from '../names.ts';
import { ANOTHER, HIDDEN, json, type Part, without, wrong } from '../part.ts';
import { secretReference } from '../secret-reference.ts';
import { referenceFor, secretField } from '../secrets.ts';

const providerShape = newDnsProvider.omit({ name: true, secret: true }).extend({ secret: secretReference.optional() });

export const dnsProviders: Part = {
  noun: 'dnsProviders',
  permission: 'domain.read',
  shape: providerShape,
  nameShape: newDnsProvider.shape.name,
  async stored({ queries, organisationId }) {
    const rows = await everyRow((request) => listDnsProviders(queries, organisationId, request));
    return named(rows).map(([name, row]) => ({
      ...{ noun: 'dnsProviders', id: row.id, name, source: row.source ?? null },
      fields: { ...(JSON.parse(row.settings) as JsonObject), secret: HIDDEN },
    }));
  },
  async wanted(name, entry, before, asking) {
    const { secret: reference, ...given } = entry as z.output<typeof providerShape>;
    const stored = before(name);
    if (stored && stored.fields['kind'] !== given.kind)
      throw wrong(['kind'], `${String(stored.fields['kind'])}, or a DNS provider of another name`, given.kind);
    const row = stored && (await findAnyDnsProvider(asking.queries, stored.id));
    const { sealing } = asking.control.keys;
    const secret = await secretField(reference, stored, 'secret', asking, (told) =>
      row ? sealing.unseal(row.secret, dnsSecretPlace(row.id)) === told : false,
    );
    return {
      ...{ noun: 'dnsProviders', name, fields: { ...json(dnsProviderSettings(given)), secret: secret ?? HIDDEN } },
      ...(reference && { secrets: { secret: reference } }),
    };
  },
  entryOf({ name, fields: { secret: _secret, ...fields } }) {
    return { ...fields, secret: json(referenceFor('dnsProvider', name)) };
  },
  async create(calls, { name, fields, secrets }) {
    const secret = calls.secret(secrets?.['secret'], 'secret');
    return (await calls.post('/dns-providers', { name, ...fields, secret })).id;
  },
  async update(calls, { fields, secrets }, { id, fields: was }) {
    const { kind: _kind, secret, ...rest } = fields;
    const told = secret === ANOTHER ? { secret: calls.secret(secrets?.['secret'], 'secret') } : {};
    await calls.patch(`/dns-providers/${id}`, { ...without(rest, was), ...told });
    return id;
  },
  remove: (calls, { id }) => calls.remove(`/dns-providers/${id}`),
};

const domainShape = newDomain.omit({ name: true, dnsProviderId: true, ownCertificateId: true }).extend({
  dnsProvider: zod.string().nullable().default(null).describe('name of the DNS provider'),
  ownCertificate: zod.string().nullable().default(null).describe('name of the certificate, where it is your own'),
});
const domainDefaults = { certificate: 'acme', challenge: null, dnsProvider: null, ownCertificate: null, hsts: null };

export const domains: Part = {
  noun: 'domains',
  permission: 'domain.read',
  shape: domainShape,
  async stored({ queries, organisationId, names }) {
    for (const [name, row] of await ownCertificates(queries, organisationId))
      names.add('ownCertificates', row.id, name);
    const rows = await everyRow((request) => listDomains(queries, organisationId, request));
    return rows.map((row) => ({
      ...{ noun: 'domains', id: row.id, name: row.name, source: row.source ?? null },
      fields: {
        ...{ mode: row.mode, certificate: row.certificate, challenge: row.challenge },
        dnsProvider: row.dns_provider_id && names.nameOf('dnsProviders', row.dns_provider_id),
        ownCertificate: row.own_certificate_id && names.nameOf('ownCertificates', row.own_certificate_id),
        hsts: row.hsts === null ? null : (JSON.parse(row.hsts) as JsonObject),
      },
    }));
  },
  async wanted(name, entry) {
    return { noun: 'domains', name: dnsName('name', name), fields: json(entry) };
  },
  entryOf: ({ fields }) => without(fields, domainDefaults),
  async create(calls, { name, fields }) {
    return (await calls.post('/domains', { name, ...withDomainIds(fields, calls.names) })).id;
  },
  async update(calls, { fields }, { id, fields: was }) {
    await calls.patch(`/domains/${id}`, withDomainIds(without(fields, was), calls.names));
    return id;
  },
  remove: (calls, { id }) => calls.remove(`/domains/${id}`),
};

type Names = Parameters<Part['stored']>[0]['names'];

function withDomainIds({ dnsProvider, ownCertificate, ...fields }: JsonObject, names: Names): JsonObject {
  const idOf = (noun: 'dnsProviders' | 'ownCertificates', name: unknown, path: string): string | null =>
    typeof name === 'string' ? names.idOf(noun, name, path) : null;
  return {
    ...fields,
    ...(dnsProvider !== undefined && { dnsProviderId: idOf('dnsProviders', dnsProvider, 'dnsProvider') }),
    ...(ownCertificate !== undefined && {
      ownCertificateId: idOf('ownCertificates', ownCertificate, 'ownCertificate'),
    }),
  };
}

async function ownCertificates(queries: Queries, organisationId: string) {
  return named(await everyRow((request) => listOwnCertificates(queries, organisationId, request)));
}
