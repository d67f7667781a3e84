/** What a blueprint keeps as it is: an edit by the API is refused, and told whose it is. */
import type { FastifyRequest } from 'fastify';
import { refusalText } from '../core/blueprint/index.ts';
import { type OwnedNoun, type Queries, sourceOf } from '../io/store/index.ts';
import type { Control } from './control.ts';
import type { Principal } from './principal.ts';
import { ControlFailure } from './problems.ts';

/** What each edit is an edit of. What only uses a thing (its enrolment tokens, its test, draining) is none. */
const EDITS: Readonly<Record<string, OwnedNoun | 'target'>> = {
  'PATCH /organisation': 'organisation',
  'PUT /organisation/policy': 'organisation',
  'PUT /organisation/error-pages': 'organisation',
  'PATCH /organisation/mfa': 'organisation',
  'PUT /audit/settings': 'organisation',
  'PATCH /sites/:id': 'sites',
  'DELETE /sites/:id': 'sites',
  'DELETE /devices/:id': 'devices',
  'PATCH /resources/:id': 'resources',
  'DELETE /resources/:id': 'resources',
  'PUT /resources/:id/http': 'resources',
  'PUT /resources/:id/maintenance': 'resources',
  'PUT /resources/:id/capture': 'resources',
  'PUT /resources/:id/policy': 'resources',
  'POST /resources/:id/targets': 'resources',
  'PUT /audit/settings/resources/:id': 'resources',
  'PATCH /targets/:id': 'target',
  'DELETE /targets/:id': 'target',
  'PUT /lists/:name': 'lists',
  'DELETE /lists/:name': 'lists',
  'PATCH /roles/:id': 'roles',
  'DELETE /roles/:id': 'roles',
  'PATCH /groups/:id': 'groups',
  'DELETE /groups/:id': 'groups',
  'PATCH /providers/:id': 'providers',
  'DELETE /providers/:id': 'providers',
  'PATCH /dns-providers/:id': 'dnsProviders',
  'DELETE /dns-providers/:id': 'dnsProviders',
  'PATCH /domains/:id': 'domains',
  'DELETE /domains/:id': 'domains',
  'PATCH /client-authorities/:id': 'clientAuthorities',
  'DELETE /client-authorities/:id': 'clientAuthorities',
  'PATCH /credentials/:id': 'credentials',
  'DELETE /credentials/:id': 'credentials',
  'POST /credentials/:id/rotate': 'credentials',
};

/** Failure `owned-by-source`. */
export async function refuseOwned(
  control: Pick<Control, 'store'>,
  { organisationId }: Pick<Principal, 'organisationId'>,
  request: FastifyRequest,
): Promise<void> {
  const path = (request.routeOptions.url ?? '').replace(/^\/api\/v\d+/, '');
  const edited = EDITS[`${request.method} ${path}`];
  if (edited === undefined || organisationId === null) return;
  const { id, name } = request.params as { readonly id?: string; readonly name?: string };
  const { database } = control.store;
  const noun = edited === 'target' ? 'resources' : edited;
  const given = edited === 'organisation' ? organisationId : (id ?? name ?? '');
  const ownId = edited === 'target' ? await resourceOf(database, organisationId, given) : given;
  const owned = ownId === undefined ? undefined : await sourceOf(database, organisationId, noun, ownId);
  if (!owned || owned.source === null) return;
  throw new ControlFailure('owned-by-source', refusalText(noun, owned.name, owned.source), { owner: owned.source });
}

async function resourceOf(queries: Queries, organisationId: string, targetId: string): Promise<string | undefined> {
  const rows = queries.selectFrom('targets').select('resource_id').where('organisation_id', '=', organisationId);
  return (await rows.where('id', '=', targetId).executeTakeFirst())?.resource_id;
}
