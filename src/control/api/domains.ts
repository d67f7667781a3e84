/** Domains of an organisation: which, how they lead to the PoPs, and whether that is proved. */
import { isBelow } from '../../base/index.ts';
import {
  type DomainsTable,
  deleteDomain,
  findDomain,
  findOwnCertificate,
  insertDomain,
  listDomains,
  type Queries,
  type StoreTransaction,
  updateDomain,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import type { Control } from '../control.ts';
import { newProofToken } from '../domains/domain-proof.ts';
import { checklistsOf } from '../domains/domain-view.ts';
import { requireProvable } from '../host-claims.ts';
import { dnsName } from '../host-names.ts';
import { newId } from '../ids.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { domain, domainChange, domainItem, newDomain } from './domain-shapes.ts';
import { idParams, listQuery, nothing, pageOf } from './schemas.ts';

const tags = ['domains'];

export function domainRoutes(api: Api, context: ApiContext): void {
  readDomainRoutes(api, context);
  addDomainRoute(api, context);
  changeDomainRoute(api, context);
  verifyRoute(api, context);
  endDomainRoute(api, context);
}

function readDomainRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;
  const config = { access: 'domain.read' as const };

  api.get(
    '/domains',
    {
      config,
      schema: { tags, summary: 'List domains', querystring: listQuery, response: { 200: pageOf(domain) } },
    },
    async (request) => {
      const page = await listDomains(database, organisationOf(request), request.query);
      const checklists = await checklistsOf(database, page.rows, control);
      return pageItems(page, (row) => domainItem(row, checklists.get(row.id) ?? []));
    },
  );

  api.get(
    '/domains/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Read a domain, with the records that it needs and what is seen of them',
        params: idParams,
        response: { 200: domain },
      },
    },
    async (request) => wholeItem(control, await requireDomain(database, organisationOf(request), request.params.id)),
  );
}

function addDomainRoute(api: Api, { control }: ApiContext): void {
  const { clock, random, portalHost } = control;

  api.post(
    '/domains',
    {
      config: {
        access: 'domain.write',
        refusals: [
          'certificate-unknown',
          'dns-provider-unknown',
          'domain-invalid',
          'domain-taken',
          'host-invalid',
          'host-reserved',
          'quota-reached',
        ],
      },
      schema: {
        tags,
        summary: 'Add a domain; the answer says which DNS records to create',
        body: newDomain,
        response: { 201: domain },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const nowUnixMs = Math.round(clock.unixMs());
      const row: DomainsTable = {
        ...{ id: newId('dom', clock, random), organisation_id: organisationOf(request) },
        ...{ name: dnsName('name', body.name), mode: body.mode, certificate: body.certificate },
        ...{ challenge: body.challenge, dns_provider_id: body.dnsProviderId },
        ...{ own_certificate_id: body.ownCertificateId, hsts: body.hsts && JSON.stringify(body.hsts) },
        ...{ proof_token: newProofToken(random), state: 'waiting', state_since_unix_ms: nowUnixMs },
        ...{ reason: 'Nobody has looked yet. Create the records, then verify.', verified_unix_ms: null },
        ...{ checked_unix_ms: null, created_unix_ms: nowUnixMs },
      };
      if (row.name === portalHost || isBelow(portalHost, row.name))
        throw new ControlFailure('host-reserved', 'name: the portal’s own host is there');
      await publishChange(control, principalOf(request), async (transaction) => {
        await requireProvable(control, transaction, row);
        await requireNew(transaction, row);
        await requireRoom(control, transaction, row.organisation_id, 'domains');
        await mustFit(transaction, row);
        await insertDomain(transaction, row);
        const detail = { name: row.name, mode: row.mode, certificate: row.certificate };
        return { value: undefined, note: { action: 'domain.add', subject: row.id, detail } };
      });
      return reply.code(201).send(await wholeItem(control, row));
    },
  );
}

function changeDomainRoute(api: Api, { control }: ApiContext): void {
  api.patch(
    '/domains/:id',
    {
      config: { access: 'domain.write', refusals: ['certificate-unknown', 'dns-provider-unknown', 'domain-invalid'] },
      schema: {
        tags,
        summary: 'Change how a domain leads to the PoPs, or where its certificates come from',
        params: idParams,
        body: domainChange,
        response: { 200: domain },
      },
    },
    async (request) => {
      const { body } = request;
      const change = {
        ...(body.mode !== undefined && { mode: body.mode }),
        ...(body.certificate !== undefined && { certificate: body.certificate }),
        ...(body.challenge !== undefined && { challenge: body.challenge }),
        ...(body.dnsProviderId !== undefined && { dns_provider_id: body.dnsProviderId }),
        ...(body.ownCertificateId !== undefined && { own_certificate_id: body.ownCertificateId }),
        ...(body.hsts !== undefined && { hsts: body.hsts && JSON.stringify(body.hsts) }),
      };
      const row = await publishChange(control, principalOf(request), async (transaction) => {
        const before = await requireDomain(transaction, organisationOf(request), request.params.id);
        const value = { ...before, ...change };
        await mustFit(transaction, value);
        await updateDomain(transaction, before.id, change);
        return { value, note: { action: 'domain.change', subject: before.id, detail: { name: before.name, ...body } } };
      });
      await control.ensureCertificates();
      return wholeItem(control, row);
    },
  );
}

function verifyRoute(api: Api, { control }: ApiContext): void {
  api.post(
    '/domains/:id/verify',
    {
      config: { access: 'domain.write' },
      schema: {
        tags,
        summary: 'Look now, from control and every PoP, which of its DNS records are there',
        params: idParams,
        response: { 200: domain },
      },
    },
    async (request) => {
      const row = await requireDomain(control.store.database, organisationOf(request), request.params.id);
      await control.domains.verify(row);
      return wholeItem(control, await requireDomain(control.store.database, organisationOf(request), row.id));
    },
  );
}

function endDomainRoute(api: Api, { control }: ApiContext): void {
  api.delete(
    '/domains/:id',
    {
      config: { access: 'domain.write' },
      schema: {
        tags,
        summary: 'Remove a domain; its resources stay, and others may then prove that the name is theirs',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await publishChange(control, principalOf(request), async (transaction) => {
        const row = await requireDomain(transaction, organisationOf(request), request.params.id);
        await deleteDomain(transaction, row.organisation_id, row.id);
        return { value: undefined, note: { action: 'domain.remove', subject: row.id, detail: { name: row.name } } };
      });
      await control.ensureCertificates();
      return reply.code(204).send(null);
    },
  );
}

export async function requireDomain(queries: Queries, organisationId: string, id: string): Promise<DomainsTable> {
  const row = await findDomain(queries, organisationId, id);
  if (!row) throw notFound('domain', id);
  return row;
}

export async function wholeItem(control: Control, row: DomainsTable) {
  const checklists = await checklistsOf(control.store.database, [row], control);
  return domainItem(row, checklists.get(row.id) ?? []);
}

async function requireNew(transaction: StoreTransaction, { organisation_id, name }: DomainsTable): Promise<void> {
  const own = transaction.selectFrom('domains').select('name').where('organisation_id', '=', organisation_id);
  const names = (await own.execute()).map((row) => row.name);
  if (names.includes(name)) throw new ControlFailure('domain-taken', `name: you have ${name} already`);
}

/** What it refers to is the organisation's own, and goes together. */
async function mustFit(transaction: StoreTransaction, row: DomainsTable): Promise<void> {
  const { dns_provider_id, organisation_id, challenge, mode, own_certificate_id: certificateId } = row;
  if (row.certificate === 'own' && certificateId === null)
    throw new ControlFailure('certificate-unknown', 'ownCertificateId: say which certificate it is');
  if (certificateId !== null && !(await findOwnCertificate(transaction, organisation_id, certificateId)))
    throw new ControlFailure('certificate-unknown', 'ownCertificateId: there is no such certificate');
  if (dns_provider_id !== null) {
    const own = transaction.selectFrom('dns_providers').select('id').where('organisation_id', '=', organisation_id);
    if (!(await own.where('id', '=', dns_provider_id).executeTakeFirst()))
      throw new ControlFailure('dns-provider-unknown', 'dnsProviderId: there is no such DNS provider');
    if (mode === 'zone')
      throw new ControlFailure('domain-invalid', 'dnsProviderId: the PoPs answer for a delegated zone themselves');
    if (challenge !== null && challenge !== 'dns-01')
      throw new ControlFailure('domain-invalid', `dnsProviderId: ${challenge} needs no DNS provider`);
  }
}
