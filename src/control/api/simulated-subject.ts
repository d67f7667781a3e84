/** Who asks, in a simulation: somebody real, or anybody who can be thought of. */
import { z } from 'zod';
import { CREDENTIAL_METHODS, LOGIN_METHODS, type Subject } from '../../core/policy/index.ts';
import { effectiveRoles, findMember, findUserByEmail, type Member, type Queries } from '../../io/store/index.ts';
import { ControlFailure, notFound } from '../problems.ts';

const name = z.string().min(1).max(256);
const age = z.number().int().min(0);

const proofs = {
  methods: z.array(z.enum(LOGIN_METHODS)).max(LOGIN_METHODS.length).optional(),
  mfa: z.boolean().default(false),
  mfaAgeMs: age.optional().describe('how long ago the second factor was given'),
  sessionAgeMs: age.default(0).describe('how long ago they proved who they are'),
  providerId: name.optional().describe('the identity provider that they came from'),
  device: z.enum(['known', 'approved']).optional().describe('what their browser proved to be'),
};

export const who = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('user'), user: name.describe('id or e-mail address of a member'), ...proofs }),
  z.strictObject({
    kind: z.literal('anybody'),
    userId: name.default('somebody'),
    email: z.string().max(254).default(''),
    roles: z.array(name).max(100).default([]),
    groups: z.array(name).max(100).default([]),
    ...proofs,
  }),
  z.strictObject({ kind: z.literal('guest'), email: z.string().min(3).max(254), sessionAgeMs: age.default(0) }),
  z.strictObject({
    kind: z.literal('holder'),
    method: z.enum(CREDENTIAL_METHODS),
    credentialId: name.default('some-credential'),
    sessionAgeMs: age.default(0),
  }),
]);
export type Who = z.output<typeof who>;

export async function simulatedSubject(
  queries: Queries,
  organisationId: string,
  asked: Who | undefined,
  nowUnixMs: number,
): Promise<Subject | undefined> {
  if (!asked) return undefined;
  const nobodys = { userId: '', roles: [], groups: [], mfa: false };
  const since = { authenticatedAtUnixMs: nowUnixMs - asked.sessionAgeMs };
  switch (asked.kind) {
    case 'guest':
      return { ...nobodys, ...since, kind: 'guest', email: asked.email, methods: ['email-otp'] };
    case 'holder': {
      const credential = { id: asked.credentialId, method: asked.method };
      return { ...nobodys, ...since, kind: 'holder', email: '', methods: [asked.method], credential };
    }
    case 'anybody': {
      const { userId, email, roles, groups } = asked;
      return { ...proved(asked, nowUnixMs), ...since, kind: 'user', userId, email, roles, groups };
    }
    case 'user': {
      const member = await memberNamed(queries, organisationId, asked.user);
      const roles = (await effectiveRoles(queries, organisationId, member.id)).map((role) => role.name);
      const { id: userId, email, groups } = member;
      return { ...proved(asked, nowUnixMs), ...since, kind: 'user', userId, email, roles, groups };
    }
  }
}

function proved(asked: Extract<Who, { kind: 'user' | 'anybody' }>, nowUnixMs: number) {
  const { methods = ['password'], mfa, mfaAgeMs, providerId, device } = asked;
  return {
    methods,
    mfa,
    ...(mfaAgeMs !== undefined && { mfaAtUnixMs: nowUnixMs - mfaAgeMs }),
    ...(providerId !== undefined && { providerId }),
    ...(device && { device: { known: true, approved: device === 'approved' } }),
  };
}

async function memberNamed(queries: Queries, organisationId: string, word: string): Promise<Member> {
  const userId = word.includes('@') ? (await findUserByEmail(queries, word))?.id : word;
  const member = userId === undefined ? undefined : await findMember(queries, organisationId, userId);
  if (!member) throw notFound('user', word);
  // PoPs take a disabled user for nobody.
  if (member.disabled === 1) throw new ControlFailure('request-invalid', 'user: disabled, so taken for nobody');
  return member;
}
