import { toBase64Url } from '../../base/index.ts';
import {
  issueKnownBrowser,
  KNOWN_BROWSER_MS,
  KNOWN_COOKIE,
  knows,
  readKnownBrowser,
  type SessionCrypto,
  type SigningKey,
  serialiseCookie,
  withCredential,
} from '../../core/session/index.ts';
import { addressGroup } from '../../io/address-group.ts';
import type { AuditRecorder } from '../audit-recorder.ts';
import type { Guesses } from '../credentials/guesses.ts';
import { holderGrant } from '../credentials/holder-grant.ts';
import type { KnownCredential } from '../credentials/known-credentials.ts';
import { secretSection } from '../pages/sign-in-pages.ts';
import { TEXTS } from '../pages/texts.ts';
import { formAction, type SignInMethod, type SignInOutcome, type SignInVisit } from './sign-in-method.ts';

export interface ResourceSecretParts {
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly guesses: Guesses;
  readonly audit: AuditRecorder;
}

/** Longest secret that is judged; more is work for nothing. */
const SECRET_MAX_CHARS = 512;

/**
 * The PIN or the password of a resource: opens that one resource, and no account has to do with it. Judged here, from the
 * snapshot, with control or without.
 */
export function resourceSecretMethod(method: 'pin' | 'resource-password', parts: ResourceSecretParts): SignInMethod {
  const texts = TEXTS.resourceSecrets[method];
  return {
    name: method,
    show({ ways, at, asked, hiddenInputs, focus }) {
      if (!asked || !ways.credentials.includes(method)) return undefined;
      const [credential] = at.view.credentials.opening(asked.resource.record.id, method, at.context.nowUnixMs);
      return credential && secretSection({ method, action: formAction(method), hiddenInputs, focus });
    },
    async take(visit, form): Promise<SignInOutcome> {
      const { at, asked, ways } = visit;
      const again = (problem: string, status: number) => ({ kind: 'again', problem, status }) as const;
      const [credential] = asked
        ? at.view.credentials.opening(asked.resource.record.id, method, at.context.nowUnixMs)
        : [];
      if (!asked || !credential || !ways.credentials.includes(method)) return again(TEXTS.signIn.noWay, 403);
      const given = form.get('secret') ?? '';
      const secret = method === 'pin' ? given.replace(/\s/g, '') : given;
      if (secret === '' || secret.length > SECRET_MAX_CHARS) return again(texts.wrong, 401);
      const result = await parts.guesses.judge(credential, secret, sourceOf(visit, credential));
      switch (result.kind) {
        case 'right':
          return {
            kind: 'admitted',
            grant: holderGrant(credential.record, at.context.nowUnixMs),
            setCookies: [knownCookie(parts, visit, credential)],
          };
        case 'wrong':
          return again(texts.wrong, 401);
        case 'refused': {
          const { reason, waitMs } = result;
          const outcome = { outcome: 'deny', reason: `${method}-${reason}`, status: 429 } as const;
          parts.audit.record(at.context, { ...outcome, resourceId: asked.resource.record.id });
          const wait = TEXTS.seconds(Math.ceil(waitMs / 1000));
          return again(reason === 'exhausted' ? texts.exhausted(wait) : texts.limited(wait), 429);
        }
        case 'busy':
        case 'unwritable':
          return again(TEXTS.signInProblems.busy, 503);
      }
    },
  };
}

function sourceOf({ at, cookies }: SignInVisit, { record }: KnownCredential) {
  const browser = readKnownBrowser(cookies.known, at.view);
  const isKnown = browser && knows(browser, record.id, record.version, at.context.nowUnixMs);
  return { address: addressGroup(at.context.clientAddressText), ...(isKnown && { browserId: browser.id }) };
}

/** The browser is known from now on: a flood of guesses from elsewhere does not keep it out. */
function knownCookie(
  { crypto, key }: ResourceSecretParts,
  { at, cookies }: SignInVisit,
  { record }: KnownCredential,
): string {
  const { nowUnixMs } = at.context;
  const before = readKnownBrowser(cookies.known, at.view) ?? { id: toBase64Url(crypto.bytes(16)), credentials: [] };
  const now = withCredential(before, record.id, record.version, nowUnixMs);
  return serialiseCookie(KNOWN_COOKIE, issueKnownBrowser(now, key), KNOWN_BROWSER_MS);
}
