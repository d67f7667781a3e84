/** Certificates that an organisation brings itself, for domains whose certificates are `own`. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { readCertificateFiles } from '../../io/certificate-files.ts';
import { type OwnCertificate, readOwnCertificate } from '../../io/own-certificate.ts';
import {
  deleteOwnCertificate,
  domainsOfOwnCertificate,
  insertOwnCertificate,
  listOwnCertificates,
  type OwnCertificatesTable,
  updateOwnCertificate,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import type { Control } from '../control.ts';
import { certificateColumns, requireOwnCertificate, warningsAbout } from '../domains/own-certificates.ts';
import { newId } from '../ids.ts';
import type { Principal } from '../principal.ts';
import { ControlFailure } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { id, idParams, listQuery, name, nothing, pageOf, unixMs } from './schemas.ts';

const tags = ['own-certificates'];
const pem = z.string().max(200_000);
const path = z.string().min(1).max(4096).refine(isAbsolute, 'an absolute path');
const files = z.strictObject({ chainPath: path, keyPath: path });

const ownCertificate = z.object({
  id,
  name,
  hosts: z.array(z.string()),
  chainPem: z.string().describe('leaf first; the key is never told'),
  notBeforeUnixMs: unixMs,
  notAfterUnixMs: unixMs,
  files: files.extend({ controlId: id }).nullable().describe('where it is read from, again when they change'),
  warnings: z.array(z.string()),
  createdUnixMs: unixMs,
});

const content = {
  chainPem: pem.optional().describe('leaf first, then who signed it'),
  keyPem: pem.optional().describe('without a passphrase'),
  files: files.optional().describe('files of the control node that answers, in place of the two'),
};
const newOwnCertificate = z.strictObject({ name, ...content });
const change = z.strictObject({ name: name.optional(), ...content });
type Content = Pick<z.output<typeof newOwnCertificate>, 'chainPem' | 'keyPem' | 'files'>;

export function ownCertificateRoutes(api: Api, context: ApiContext): void {
  readRoutes(api, context);
  addRoute(api, context);
  changeRoute(api, context);
  endRoute(api, context);
}

function readRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;
  const config = { access: 'domain.read' as const };

  api.get(
    '/own-certificates',
    {
      config,
      schema: {
        tags,
        summary: 'List certificates that the organisation gave',
        querystring: listQuery,
        response: { 200: pageOf(ownCertificate) },
      },
    },
    async (request) =>
      pageItems(await listOwnCertificates(database, organisationOf(request), request.query), (row) =>
        itemOf(control, row),
      ),
  );

  api.get(
    '/own-certificates/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Read a certificate that was given',
        params: idParams,
        response: { 200: ownCertificate },
      },
    },
    async (request) =>
      itemOf(control, await requireOwnCertificate(database, organisationOf(request), request.params.id)),
  );
}

function addRoute(api: Api, { control }: ApiContext): void {
  const { clock, random, keys } = control;

  api.post(
    '/own-certificates',
    {
      config: { access: 'domain.write', refusals: ['certificate-invalid', 'name-taken', 'quota-reached'] },
      schema: {
        tags,
        summary: 'Give a certificate with its key, or name the files of both',
        body: newOwnCertificate,
        response: { 201: ownCertificate },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const certificate = await contentOf(control, principalOf(request), body);
      if (!certificate) throw new ControlFailure('certificate-invalid', 'chainPem and keyPem, or files, are needed');
      const ownId = newId('crt', clock, random);
      const row: OwnCertificatesTable = {
        ...{ id: ownId, organisation_id: organisationOf(request), name: body.name, ...filesOf(control, body) },
        ...certificateColumns(ownId, certificate, keys.sealing),
        created_unix_ms: Math.round(clock.unixMs()),
      };
      await publishChange(control, principalOf(request), async (transaction) => {
        await requireRoom(control, transaction, row.organisation_id, 'ownCertificates');
        await insertOwnCertificate(transaction, row);
        const detail = { name: row.name, hosts: certificate.hosts, fingerprint: certificate.fingerprint };
        return { value: undefined, note: { action: 'own-certificate.add', subject: ownId, detail } };
      });
      return reply.code(201).send(itemOf(control, row));
    },
  );
}

function changeRoute(api: Api, { control }: ApiContext): void {
  api.patch(
    '/own-certificates/:id',
    {
      config: { access: 'domain.write', refusals: ['certificate-invalid', 'name-taken'] },
      schema: {
        tags,
        summary: 'Put a renewed certificate in its place; domains that have it serve it at once',
        params: idParams,
        body: change,
        response: { 200: ownCertificate },
      },
    },
    async (request) => {
      const { body } = request;
      const certificate = await contentOf(control, principalOf(request), body);
      const row = await publishChange(control, principalOf(request), async (transaction) => {
        const before = await requireOwnCertificate(transaction, organisationOf(request), request.params.id);
        const columns = certificate && {
          ...certificateColumns(before.id, certificate, control.keys.sealing),
          ...filesOf(control, body),
        };
        const next = { ...(body.name !== undefined && { name: body.name }), ...columns };
        if (Object.keys(next).length > 0) await updateOwnCertificate(transaction, before.id, next);
        const detail = {
          name: body.name ?? before.name,
          ...(certificate && { hosts: certificate.hosts, fingerprint: certificate.fingerprint }),
        };
        return {
          value: { ...before, ...next },
          note: { action: 'own-certificate.change', subject: before.id, detail },
        };
      });
      await control.ensureCertificates();
      return itemOf(control, row);
    },
  );
}

function endRoute(api: Api, { control }: ApiContext): void {
  api.delete(
    '/own-certificates/:id',
    {
      config: { access: 'domain.write', refusals: ['certificate-in-use'] },
      schema: {
        tags,
        summary: 'Remove a certificate that no domain has',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await publishChange(control, principalOf(request), async (transaction) => {
        const row = await requireOwnCertificate(transaction, organisationOf(request), request.params.id);
        const domains = await domainsOfOwnCertificate(transaction, row.id);
        if (domains.length > 0)
          throw new ControlFailure('certificate-in-use', `${domains.slice(0, 5).join(', ')} would have none`);
        await deleteOwnCertificate(transaction, row.id);
        const note = { action: 'own-certificate.remove', subject: row.id, detail: { name: row.name } };
        return { value: undefined, note };
      });
      return reply.code(204).send(null);
    },
  );
}

/** What was given, judged; undefined where nothing was. Files of the node are for who runs it. Failure `certificate-invalid`. */
async function contentOf(
  { clock }: Control,
  { isInstallationAdmin }: Principal,
  given: Content,
): Promise<OwnCertificate | undefined> {
  const { chainPem, keyPem } = given;
  if (given.files && (chainPem !== undefined || keyPem !== undefined))
    throw new ControlFailure('certificate-invalid', 'files: either these or chainPem and keyPem');
  if (given.files && !isInstallationAdmin)
    throw new ControlFailure('rights-missing', 'files of a control node are for administrators of the installation');
  if (given.files) return readCertificateFiles(given.files, clock.unixMs());
  if (chainPem === undefined && keyPem === undefined) return undefined;
  if (chainPem === undefined || keyPem === undefined)
    throw new ControlFailure('certificate-invalid', 'chainPem and keyPem come together');
  return readOwnCertificate(chainPem, keyPem, clock.unixMs());
}

function filesOf({ keys }: Control, { files: at }: Content) {
  return {
    chain_path: at?.chainPath ?? null,
    key_path: at?.keyPath ?? null,
    node_id: at ? keys.controlId : null,
  };
}

function itemOf({ clock }: Control, row: OwnCertificatesTable): z.output<typeof ownCertificate> {
  const { chain_path: chainPath, key_path: keyPath, node_id: controlId } = row;
  const isInFiles = chainPath !== null && keyPath !== null && controlId !== null;
  return {
    id: row.id,
    name: row.name,
    hosts: JSON.parse(row.hosts) as string[],
    chainPem: row.chain_pem,
    notBeforeUnixMs: row.not_before_unix_ms,
    notAfterUnixMs: row.not_after_unix_ms,
    files: isInFiles ? { chainPath, keyPath, controlId } : null,
    warnings: warningsAbout(row, clock.unixMs()),
    createdUnixMs: row.created_unix_ms,
  };
}
