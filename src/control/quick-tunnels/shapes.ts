/** Quick tunnels as the API shows them. */
import { z } from 'zod';
import { id, name, unixMs } from '../api/schemas.ts';
import {
  QUICK_TUNNEL_APPLICATIONS_MAX,
  QUICK_TUNNEL_LIFE_MAX_MS,
  QUICK_TUNNEL_LIFE_MIN_MS,
  QUICK_TUNNEL_LIFE_MS,
} from './constants.ts';

const secret = z.string().min(1).max(512).optional().describe('left out: one is made');
const url = z.string().min(1).max(512);

export const guard = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('pin'), secret }),
    z.strictObject({ kind: z.literal('password'), secret }),
    z.strictObject({ kind: z.literal('signed-in') }),
    z.strictObject({ kind: z.literal('public') }),
    z.strictObject({ kind: z.literal('policy'), policy: z.unknown() }),
  ])
  .describe('who gets in; public and a policy of one’s own need policy.write');

const wishedApplication = z.strictObject({
  name: name.optional(),
  url: url.describe('as its connector reaches it'),
  hostHeader: z.string().min(1).max(255).nullable().default(null),
  host: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe(
      'a label of the organisation’s zone, or a whole name; either needs resource.write; left out: one by chance',
    ),
  keptUrl: url.optional().describe('what its connector reaches once it is kept; left out: it cannot be kept'),
});

export const newQuickTunnel = z.strictObject({
  name: name.optional(),
  applications: z.array(wishedApplication).min(1).max(QUICK_TUNNEL_APPLICATIONS_MAX),
  guard: guard.default({ kind: 'pin' }),
  lifetimeMs: z
    .number()
    .int()
    .min(QUICK_TUNNEL_LIFE_MIN_MS)
    .max(QUICK_TUNNEL_LIFE_MAX_MS)
    .default(QUICK_TUNNEL_LIFE_MS),
});

const application = z.object({ resourceId: id, name: z.string(), host: z.string(), url: z.string() });

export const quickTunnel = z.object({
  id,
  name: z.string(),
  siteId: id,
  applications: z.array(application),
  createdBy: z.string(),
  createdUnixMs: unixMs,
  expiresUnixMs: unixMs.describe('when it is over, with everything that it made'),
  leaseUnixMs: unixMs.describe('when it is over unless it is renewed before'),
});

export const liveQuickTunnel = quickTunnel.extend({
  ready: z.boolean().describe('a tunnel is up, and every PoP that is linked knows of it'),
});

export const madeQuickTunnel = quickTunnel.extend({
  joinToken: z.string().describe('what its connector enrols with; shown this once'),
  secret: z.string().nullable().describe('PIN or password; shown this once'),
});
