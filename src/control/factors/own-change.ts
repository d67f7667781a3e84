import type { z } from 'zod';
import { assertNever } from '../../base/index.ts';
import type { PortalClaims } from '../../core/session/index.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { ControlFailure } from '../problems.ts';
import type { Asker, OwnSession } from './asker.ts';
import { addPasskey, beginTotp, confirmTotp, type Enrolled, renewRecoveryCodes } from './enrolment.ts';
import {
  addDevice,
  changePassword,
  endOtherSessions,
  endOwnSession,
  forgetOwnBrowsers,
  removeFactor,
  removeOwnDevice,
  renameOwnPasskey,
} from './own-changes.ts';
import type { ownChange } from './shapes.ts';

type OwnChange = z.output<typeof ownChange>;

/** What a change leaves for the page to show. */
interface ChangeAnswer {
  readonly totp?: { readonly secret: string; readonly uri: string };
  readonly recoveryCodes?: readonly string[];
  readonly session?: { readonly token: string; readonly expiresUnixMs: number };
}

/** Somebody changes what they sign in with, or ends sessions of their own. */
export async function takeOwnChange(
  sessions: PortalSessions,
  asker: Asker,
  asked: OwnChange,
): Promise<Readonly<Record<string, unknown>>> {
  return { ...(await take(sessions, asker, asked)) };
}

async function take(sessions: PortalSessions, asker: Asker, asked: OwnChange): Promise<ChangeAnswer> {
  switch (asked.kind) {
    case 'totp-begin':
      return { totp: await beginTotp(asker) };
    case 'totp-confirm':
      return enrolled(await confirmTotp(sessions, asker, asked));
    case 'passkey-add':
      return enrolled(await addPasskey(sessions, asker, asked));
    default:
      return takeInSession(sessions, asker, asked);
  }
}

type InSession = Exclude<OwnChange, { kind: 'totp-begin' | 'totp-confirm' | 'passkey-add' }>;

async function takeInSession(sessions: PortalSessions, asker: Asker, asked: InSession): Promise<ChangeAnswer> {
  if (asker.kind !== 'session') throw new ControlFailure('session-ended', 'sign in first');
  const own: OwnSession = asker;
  switch (asked.kind) {
    case 'recovery-codes':
      return { recoveryCodes: await renewRecoveryCodes(own) };
    case 'totp-remove':
      return nothing(removeFactor(own, 'totp', asked.id));
    case 'passkey-remove':
      return nothing(removeFactor(own, 'passkey', asked.id));
    case 'passkey-rename':
      return nothing(renameOwnPasskey(own, asked.id, asked.name));
    case 'forget-browsers':
      return nothing(forgetOwnBrowsers(own, asked.id));
    case 'password':
      return granted(await changePassword(sessions, own, asked));
    case 'end-session':
      return nothing(endOwnSession(own, asked.id));
    case 'end-other-sessions':
      return granted(await endOtherSessions(sessions, own));
    case 'device-add':
      return nothing(addDevice(own, asked));
    case 'device-remove':
      return nothing(removeOwnDevice(own, asked.id));
    default:
      return assertNever(asked);
  }
}

async function nothing(work: Promise<unknown>): Promise<ChangeAnswer> {
  await work;
  return {};
}

function enrolled({ recoveryCodes, session }: Enrolled): ChangeAnswer {
  return { recoveryCodes, ...(session && granted(session)) };
}

function granted({ token, claims }: { readonly token: string; readonly claims: PortalClaims }): ChangeAnswer {
  return { session: { token, expiresUnixMs: claims.expiresAtUnixMs } };
}
