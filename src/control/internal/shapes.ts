/** Shapes that the routes for PoPs share. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PortalClaims } from '../../core/session/index.ts';
import type { Control } from '../control.ts';
import type { FirstStepResult } from '../factors/first-step.ts';
import { popOfRequest } from '../principal.ts';
import { ControlFailure } from '../problems.ts';

export const client = { clientAddress: z.string().max(64), userAgent: z.string().max(4096).default('') };
export const password = z.string().min(1).max(1024);
export const token = z.string().min(1).max(4096);

export const signedIn = z.object({
  token: z.string(),
  expiresUnixMs: z.number(),
  idleExpiresUnixMs: z.number(),
  sessionId: z.string(),
  user: z.object({ id: z.string(), email: z.string(), name: z.string() }),
});

export function claimsItem(session: { readonly token: string; readonly claims: PortalClaims }) {
  const { claims } = session;
  return {
    token: session.token,
    sessionId: claims.id,
    expiresUnixMs: claims.expiresAtUnixMs,
    idleExpiresUnixMs: claims.idleExpiresAtUnixMs,
  };
}

/** Before the session comes the second step, by a token that this browser brings along. */
export const secondStep = z.object({ secondStep: z.object({ token: z.string(), expiresUnixMs: z.number() }) });
export const firstStep = z.union([signedIn, secondStep]);
/** `browserOf` the form cookie. */
export const browser = z.string().max(64).default('');

export function firstStepItem(result: FirstStepResult) {
  if (result.kind === 'second-step')
    return { secondStep: { token: result.token, expiresUnixMs: result.claims.expiresAtUnixMs } };
  const { id, email, name } = result.user;
  return { ...claimsItem(result), user: { id, email, name } };
}

export function askingPop(control: Control, request: FastifyRequest): string {
  const popId = popOfRequest(control, request);
  if (popId === undefined)
    throw new ControlFailure('link-required', 'only a PoP whose link to this control node lives may ask this');
  return popId;
}
