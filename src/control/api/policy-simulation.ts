/** What would happen: the same judgement as at a PoP, on a request that is only told of. */
import { z } from 'zod';
import { parseIpAddress, unmapIpv4 } from '../../base/index.ts';
import {
  type AddressPlace,
  CONTINENTS,
  type CompiledPolicy,
  CREDENTIAL_METHODS,
  compile,
  DEVICE_BROWSERS,
  DEVICE_KINDS,
  DEVICE_OSES,
  explain,
  LOGIN_METHODS,
  normaliseTarget,
  type PolicyContext,
  readDeviceHints,
} from '../../core/policy/index.ts';
import { normaliseHost } from '../../core/routing/index.ts';
import { ClientGeography } from '../../io/geo/client-geography.ts';
import { allEnabledResources, findResource, type ResourcesTable } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { compileStored, storedOrganisation } from '../stored-policies.ts';
import { isSignInKind } from '../stream-resources.ts';
import { type Api, type ApiContext, organisationOf } from './api.ts';
import { readPolicy } from './policy-shapes.ts';
import { id, unixMs } from './schemas.ts';
import { simulatedSubject, who } from './simulated-subject.ts';

const text = z.string().max(1024);

const place = z.strictObject({
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
  continent: z.enum(CONTINENTS).optional(),
  asn: z.number().int().min(1).max(0xffff_ffff).optional(),
});

const device = z.strictObject({
  kind: z.enum(DEVICE_KINDS).optional(),
  os: z.enum(DEVICE_OSES).optional(),
  browser: z.enum(DEVICE_BROWSERS).optional(),
});

const question = z.strictObject({
  resourceId: id.optional().describe('this, or the host'),
  host: text.optional(),
  policy: z.unknown().optional().describe('a draft in place of the policy that the resource has'),
  organisationPolicy: z.unknown().optional().describe('a draft in place of the rules before every resource’s own'),
  path: text.default('/').describe('path and query as a browser sends it'),
  method: z.string().max(32).default('GET'),
  address: text.optional().describe("the client's address; left out: not known"),
  time: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('when, with a zone: 2026-03-02T09:00:00+01:00; left out: now'),
  place: place.optional().describe('in place of what the databases say of the address'),
  device: device.optional().describe('in place of what the User-Agent says'),
  headers: z.record(text, text).default({}).describe('fields of the request, User-Agent among them'),
  certificate: z
    .strictObject({
      fingerprint: text,
      authorityId: text,
      commonName: text.default(''),
      emails: z.array(text).max(16).default([]),
    })
    .optional(),
  who: who.optional().describe('left out: nobody is signed in'),
});
export type Question = z.output<typeof question>;

const trace: z.ZodType = z
  .looseObject({ kind: z.string(), value: z.enum(['false', 'unknown', 'unknown-until-signed-in', 'true']) })
  .describe('a condition with its value, and those in it as children');

const answer = z.object({
  outcome: z.enum(['allow', 'deny', 'challenge']),
  reason: z.string(),
  ruleId: z.string().nullable(),
  ruleName: z.string().nullable(),
  ways: z
    .object({
      accounts: z.boolean(),
      methods: z.array(z.enum(LOGIN_METHODS)).optional(),
      credentials: z.array(z.enum(CREDENTIAL_METHODS)),
      guests: z.boolean(),
    })
    .nullable()
    .describe('of a challenge: what would help'),
  asNobody: z
    .boolean()
    .describe('a guest or holder was judged as if nobody were signed in, since an account would help'),
  request: z.object({
    path: z.string().describe('as it is judged and sent on'),
    unixMs,
    place: place.nullable(),
    device,
  }),
  rules: z.array(
    z.object({
      scope: z.enum(['organisation', 'resource']),
      ruleId: z.string(),
      ruleName: z.string(),
      effect: z.enum(['disabled', 'not-matched', 'satisfied', 'not-admitting', 'decided', 'not-reached']),
      condition: trace.optional(),
    }),
  ),
});

export function simulationRoutes(api: Api, { control }: ApiContext): void {
  const tags = ['policies'];
  const failed = (error: unknown): void => control.log.error('where addresses are is not known', { error });
  const geography = new ClientGeography({ failed });

  api.post(
    '/policy/check',
    {
      config: { access: 'policy.read', refusals: ['policy-invalid'] },
      schema: {
        tags,
        summary: 'Find what is wrong with a policy, without keeping it',
        querystring: z.object({ scope: z.enum(['organisation', 'resource', 'stream']).default('resource') }),
        body: z.unknown().describe('a policy'),
        response: { 200: z.object({ rules: z.number().int() }) },
      },
    },
    async (request) => ({ rules: readPolicy(request.body, '', request.query.scope).rules.length }),
  );

  api.post(
    '/policy/simulate',
    {
      config: { access: 'policy.read', refusals: ['not-found', 'policy-invalid'] },
      schema: {
        tags,
        summary: 'Tell what would become of a request, which rule decides, and why',
        body: question,
        response: { 200: answer },
      },
    },
    async (request) => {
      const organisationId = organisationOf(request);
      const asked = request.body;
      const policy = await policyFor(control, organisationId, asked);
      const asksStream = await isStream(control, organisationId, asked);
      const context = { ...(await contextFor(control, geography, asked)), ...(asksStream && { isStream: true }) };
      const subject = await simulatedSubject(control.store.database, organisationId, asked.who, context.nowUnixMs);
      return answerOf(policy, context, subject);
    },
  );
}

/** Whether it is asked about a resource that is no HTTP. */
async function isStream({ store }: Control, organisationId: string, { resourceId }: Question): Promise<boolean> {
  const row = resourceId && (await findResource(store.database, organisationId, resourceId));
  return row ? !isSignInKind(row.kind) : false;
}

async function policyFor(control: Control, organisationId: string, asked: Question): Promise<CompiledPolicy> {
  const { store } = control;
  const draft =
    asked.organisationPolicy === undefined
      ? undefined
      : readPolicy(asked.organisationPolicy, 'organisationPolicy', 'organisation');
  const organisation = await storedOrganisation(store.database, organisationId, draft);
  if (asked.policy !== undefined) {
    const scope = (await isStream(control, organisationId, asked)) ? 'stream' : 'resource';
    return compile({ resource: readPolicy(asked.policy, 'policy', scope), organisation, version: 'draft' });
  }
  const resources = store.database;
  if (asked.resourceId !== undefined) {
    const row = await findResource(resources, organisationId, asked.resourceId);
    if (!row) throw notFound('resource', asked.resourceId);
    return compileStored(row, organisation);
  }
  const row = resourceAt(await allEnabledResources(resources), organisationId, asked.host ?? '');
  if (!row) throw new ControlFailure('request-invalid', 'resourceId, host or policy: say what is to be judged');
  return compileStored(row, organisation);
}

/** An exact host before a wildcard, as at a PoP. */
function resourceAt(
  rows: readonly ResourcesTable[],
  organisationId: string,
  asked: string,
): ResourcesTable | undefined {
  const host = normaliseHost(asked);
  if (typeof host === 'string') return undefined;
  const own = rows.filter((row) => row.organisation_id === organisationId);
  const wildcard = `*.${host.name.slice(host.name.indexOf('.') + 1)}`;
  return own.find((row) => row.host === host.name) ?? own.find((row) => row.host === wildcard);
}

async function contextFor(control: Control, geography: ClientGeography, asked: Question): Promise<PolicyContext> {
  const target = normaliseTarget(asked.path);
  if (typeof target === 'string')
    throw new ControlFailure('request-invalid', `path: refused before any rule is asked (${target})`);
  const parsed = asked.address === undefined ? undefined : parseIpAddress(asked.address);
  if (asked.address !== undefined && !parsed)
    throw new ControlFailure('request-invalid', 'address: not an IPv4 or IPv6 address');
  const clientAddress = parsed && unmapIpv4(parsed);
  await geography.want({ country: clientAddress !== undefined, asn: clientAddress !== undefined });
  const fields = new Map(Object.entries(asked.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    clientAddress,
    target,
    method: asked.method,
    nowUnixMs: asked.time === undefined ? control.clock.unixMs() : Date.parse(asked.time),
    place: (asked.place as AddressPlace | undefined) ?? (clientAddress && geography.placeOf(clientAddress)),
    device: (asked.device ?? hintsOf(fields)) as PolicyContext['device'],
    certificate: asked.certificate,
    header: (name) => fields.get(name),
  };
}

function hintsOf(fields: ReadonlyMap<string, string>): PolicyContext['device'] {
  const [platform, mobile] = [fields.get('sec-ch-ua-platform'), fields.get('sec-ch-ua-mobile')];
  return readDeviceHints({ userAgent: fields.get('user-agent'), platform, mobile });
}

function answerOf(
  policy: CompiledPolicy,
  context: PolicyContext,
  subject: Parameters<typeof explain>[2],
): z.output<typeof answer> {
  const { decision, asNobody, rules } = explain(policy, context, subject);
  const { outcome, reason, ruleId, ways } = decision;
  return {
    outcome,
    reason,
    ruleId: ruleId ?? null,
    ruleName: rules.find((rule) => rule.effect === 'decided')?.ruleName ?? null,
    ways: ways ? { ...ways, credentials: [...ways.credentials], methods: ways.methods && [...ways.methods] } : null,
    asNobody,
    request: {
      path: context.target.path + context.target.query,
      unixMs: Math.floor(context.nowUnixMs),
      place: context.place ?? null,
      device: context.device,
    },
    rules: rules.map((rule) => ({ ...rule })),
  } as z.output<typeof answer>;
}
