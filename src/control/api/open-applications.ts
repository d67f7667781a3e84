/** Which applications somebody may open: one's own list in `me.ts`, and what a member may, for whoever administers. */
import { z } from 'zod';
import { parseIpAddress, unmapIpv4 } from '../../base/index.ts';
import {
  evaluate,
  normaliseTarget,
  type OrganisationPolicy,
  plainContext,
  type Subject,
} from '../../core/policy/index.ts';
import {
  allEnabledResources,
  effectiveRoles,
  findMember,
  type Member,
  type Queries,
  type ResourcesTable,
} from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { notFound } from '../problems.ts';
import { publicUrl } from '../public-url.ts';
import { compileStored, storedOrganisation } from '../stored-policies.ts';
import { type Api, type ApiContext, organisationOf } from './api.ts';
import { id, idParams } from './schemas.ts';

export const application = z.object({ id, name: z.string(), host: z.string(), url: z.string() });

/** Shown at once; who may open more than these is somebody who may open everything. */
const APPLICATIONS_MAX = 500;

export function openApplicationRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;
  api.get(
    '/users/:id/applications',
    {
      config: { access: 'policy.read' },
      schema: {
        tags: ['users'],
        summary:
          'The resources whose policy lets a member in at their first page, from somewhere, or may after another proof',
        params: idParams,
        response: { 200: z.object({ items: z.array(application), hasMore: z.boolean() }) },
      },
    },
    async (request) => {
      const organisationId = organisationOf(request);
      const member = await findMember(database, organisationId, request.params.id);
      if (!member) throw notFound('user', request.params.id);
      // PoPs take a disabled user for nobody.
      if (member.disabled === 1) return { items: [], hasMore: false };
      const subject = await subjectOf(database, organisationId, member, control.clock.unixMs());
      const policy = await storedOrganisation(database, organisationId);
      const open = (await allEnabledResources(database)).filter(
        (row) =>
          row.organisation_id === organisationId &&
          !row.host.startsWith('*.') &&
          mayEnter(control, row, policy, undefined, subject),
      );
      const items = open.slice(0, APPLICATIONS_MAX).map((row) => applicationItem(control, row));
      return { items, hasMore: open.length > items.length };
    },
  );
}

/** As if they had just signed in with all that they have. */
async function subjectOf(
  queries: Queries,
  organisationId: string,
  member: Member,
  nowUnixMs: number,
): Promise<Subject> {
  const roles = await effectiveRoles(queries, organisationId, member.id);
  return {
    ...{ kind: 'user', userId: member.id, email: member.email, roles: roles.map((role) => role.name) },
    ...{ groups: member.groups, methods: ['password', 'mfa'], mfa: true, authenticatedAtUnixMs: nowUnixMs },
  };
}

/** Whether `GET /` from an address would be allowed, or challenged; undefined: from somewhere. */
export function mayEnter(
  control: Control,
  row: ResourcesTable,
  organisation: OrganisationPolicy,
  clientAddress: string | undefined,
  subject: Subject,
): boolean {
  const target = normaliseTarget('/');
  if (typeof target === 'string') return false;
  const address = clientAddress === undefined ? undefined : parseIpAddress(clientAddress);
  const decision = evaluate(
    compileStored(row, organisation),
    plainContext({
      clientAddress: address && unmapIpv4(address),
      target,
      method: 'GET',
      nowUnixMs: control.clock.unixMs(),
    }),
    subject,
  );
  return decision.outcome !== 'deny';
}

export function applicationItem(
  control: Control,
  { id: resourceId, name, host }: ResourcesTable,
): z.output<typeof application> {
  return { id: resourceId, name, host, url: publicUrl(control, host) };
}
