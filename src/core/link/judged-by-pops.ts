/** What a PoP decided in control's stead, and control has to know when it is back. */

/** Reasons of events of sign-ins that a PoP judged while control was away. */
export const AUDIT_SIGNED_IN_HERE = 'signed-in-without-control';
export const AUDIT_REFUSED_HERE = 'refused-without-control';
/** Reason of the event of a sign-out at an identity provider that a PoP was told of meanwhile. */
export const AUDIT_SIGNED_OUT_THERE = 'signed-out-at-provider';

/** The portal session that such a sign-in began. */
export interface JudgedSession {
  readonly id: string;
  readonly epoch: number;
  readonly expiresUnixMs: number;
  readonly userAgent: string;
  /** The identity provider that it came through, and its id of the session there. */
  readonly providerId?: string;
  readonly providerSid?: string;
}

/** Who signed out at an identity provider: its session, or all that it knows of somebody. */
export interface JudgedSignOut {
  readonly providerId: string;
  readonly sid?: string;
  readonly subject?: string;
}
