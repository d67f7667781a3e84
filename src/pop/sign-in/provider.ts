import type { IdentityProviderRecord } from '../../core/link/index.ts';
import {
  beginProviderAttempt,
  HINT_COOKIE,
  type ProviderAttempt,
  type ProviderPurpose,
  pkceChallenge,
  readProviderAttempt,
  removeProviderAttempt,
  serialiseCookie,
} from '../../core/session/index.ts';
import { ProviderFailure } from '../../io/identity-provider/index.ts';
import { MAXIMUM_HINT_LENGTH } from '../constants.ts';
import type { Counters } from '../counters.ts';
import { connectedPage, providersSection, tryPage } from '../pages/provider-pages.ts';
import { TEXTS } from '../pages/texts.ts';
import { clientFacts } from '../portal-visit.ts';
import {
  automaticProvider,
  clientSettings,
  PROVIDERS_PATH,
  providerNamed,
  providersFor,
  redirectUri,
} from '../providers/known-providers.ts';
import type { ProviderCalls, ProviderResult, ProviderReturn } from '../providers/provider-calls.ts';
import { type ProviderHereParts, signInHere } from '../providers/provider-here.ts';
import { snapshotReached } from '../snapshot-reached.ts';
import { browserFacts } from './browser-facts.ts';
import { secondStepOutcome } from './second-step-outcome.ts';
import type { SignInMethod, SignInOutcome, SignInVisit } from './sign-in-method.ts';

export interface ProviderMethodParts extends ProviderHereParts {
  readonly counters: Counters;
  readonly calls: ProviderCalls;
}

/** Where the browser begins at a provider. */
export function startLocation(name: string, returnTo: string, what: 'start' | 'connect' | 'try' = 'start'): string {
  return `/sign-in/provider/${name}/${what}?${new URLSearchParams({ return: returnTo })}`;
}

/**
 * Accounts of identity providers. The browser goes there and comes back with a code; control makes a session of it, or this
 * PoP while control is away.
 *
 * | GET /sign-in/provider/NAME/... | |
 * |---|---|
 * | start | to the provider, to sign in |
 * | connect | to the provider, to connect its account with the one that is signed in |
 * | try | to the provider, to see what it says |
 * | callback | back from there |
 */
export function providerMethod(parts: ProviderMethodParts): SignInMethod {
  return {
    name: 'provider',
    show({ at, asked, ways, returnTo }) {
      const providers = ways.accounts ? providersFor(at, asked) : [];
      if (providers.length === 0) return undefined;
      const links = providers.map(({ name, settings }) => ({
        label: settings.label,
        url: startLocation(name, returnTo),
      }));
      return providersSection(links);
    },
    lead({ at, asked, ways, returnTo }) {
      // Who is asked for more than to be signed in chooses by what to prove it.
      if (!ways.accounts || asked?.request.prompt !== undefined) return undefined;
      const provider = automaticProvider(at, asked);
      return provider && startLocation(provider.name, returnTo);
    },
    async take() {
      return { kind: 'refused', problem: 'method-refused', reason: 'method-refused' };
    },
    async open(visit) {
      const [, , , name = '', action = ''] = visit.at.context.target.path.split('/');
      const provider = providerNamed(visit.at.view, name);
      if (!provider) return { kind: 'refused', problem: 'page-unknown', reason: 'provider-unknown' };
      switch (action) {
        case 'start':
          return begin(parts, visit, provider, 'sign-in');
        case 'connect':
          return begin(parts, visit, provider, 'connect');
        case 'try':
          return begin(parts, visit, provider, 'test');
        case 'callback':
          return comeBack(parts, visit, provider);
        default:
          return { kind: 'refused', problem: 'page-unknown', reason: 'page-unknown' };
      }
    },
  };
}

async function begin(
  { crypto, key, providers, counters }: ProviderMethodParts,
  visit: SignInVisit,
  provider: IdentityProviderRecord,
  purpose: ProviderPurpose,
): Promise<SignInOutcome> {
  const { at, cookies, signedIn, asked } = visit;
  // The two others are for who is signed in; a page elsewhere that links here gains no more than their consent to look.
  if (purpose !== 'sign-in' && !signedIn) return { kind: 'redirect', location: signInFirst(purpose) };
  if (purpose === 'connect' && isForeign(visit))
    return { kind: 'refused', problem: 'origin-refused', reason: 'site-differs' };
  const begun = beginProviderAttempt(
    crypto,
    key,
    {
      providerId: provider.id,
      purpose,
      returnTo: visit.returnTo,
      userId: purpose === 'connect' ? (signedIn?.user.record.id ?? '') : '',
      fresh: asked?.request.prompt !== undefined,
    },
    cookies,
    at.context.nowUnixMs,
  );
  const { attempt, setCookies } = begun;
  try {
    const client = providers.of(clientSettings(provider));
    const back = redirectUri(at.view, provider.name);
    const url = await client.authorizationUrl(attempt, pkceChallenge(crypto, attempt), back);
    counters.add('sessions', 'provider-begun');
    return { kind: 'redirect', location: url.href, setCookies };
  } catch (error) {
    if (error instanceof ProviderFailure) return failed({ counters }, error.code, provider, visit.returnTo);
    throw error;
  }
}

/** Connecting begins on our own page; a link elsewhere could connect somebody with an account of its maker. */
function isForeign({ request }: SignInVisit): boolean {
  const site = request.headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** From there on they begin themselves. */
function signInFirst(purpose: ProviderPurpose): string {
  return `/sign-in?${new URLSearchParams({ return: purpose === 'connect' ? PROVIDERS_PATH : '/' })}`;
}

async function comeBack(
  parts: ProviderMethodParts,
  visit: SignInVisit,
  provider: IdentityProviderRecord,
): Promise<SignInOutcome> {
  const { at, cookies } = visit;
  const query = at.context.target.query.replace(/^\?/, '');
  const state = new URLSearchParams(query).get('state') ?? '';
  const attempt = readProviderAttempt(cookies, state, provider.id, at.view, at.context.nowUnixMs);
  if (typeof attempt === 'string') {
    parts.counters.add('sessions', attempt);
    return { kind: 'again', problem: TEXTS.providers.stale, status: 400 };
  }
  const back: ProviderReturn = { attempt, query, client: clientFacts(visit) };
  const spent = [removeProviderAttempt(state)];
  switch (attempt.purpose) {
    case 'sign-in':
      return withCookies(await signIn(parts, visit, provider, back), spent);
    case 'connect':
      return withCookies(await connect(parts, visit, provider, back), spent);
    case 'test':
      return withCookies(await describe(parts, visit, provider, back), spent);
  }
}

async function signIn(
  parts: ProviderMethodParts,
  visit: SignInVisit,
  provider: IdentityProviderRecord,
  back: ProviderReturn,
): Promise<SignInOutcome> {
  const { attempt, query } = back;
  let result = await parts.calls.signIn(back, browserFacts(parts.crypto, visit, new Map()));
  if ('version' in result) await snapshotReached(parts.holder, result.version);
  if (result.outcome === 'unreachable') result = await signInHere(parts, visit.at, provider, attempt, query);
  parts.counters.add('sessions', `provider-${result.outcome}`);
  return outcomeOf(parts, visit, provider, attempt, result);
}

function outcomeOf(
  parts: Pick<ProviderMethodParts, 'counters'>,
  visit: SignInVisit,
  provider: IdentityProviderRecord,
  { returnTo }: ProviderAttempt,
  result: ProviderResult,
): SignInOutcome {
  switch (result.outcome) {
    case 'signed-in': {
      const setCookies = hintCookies(provider, result.idToken);
      return { kind: 'signed-in', token: result.token, expiresUnixMs: result.expiresUnixMs, returnTo, setCookies };
    }
    case 'second-step': {
      const step = { outcome: result.outcome, token: result.token, expiresUnixMs: result.expiresUnixMs };
      return withCookies(secondStepOutcome({ ...visit, returnTo }, step), hintCookies(provider, result.idToken));
    }
    case 'refused':
      return { kind: 'again', problem: refusalText(result.reason, provider), status: 403, returnTo };
    case 'failed':
      return failed(parts, result.code, provider, returnTo);
    case 'unreachable':
      return { kind: 'again', problem: TEXTS.signInProblems.unreachable, status: 503, returnTo };
  }
}

async function connect(
  parts: ProviderMethodParts,
  { at, cookies, signedIn }: SignInVisit,
  provider: IdentityProviderRecord,
  back: ProviderReturn,
): Promise<SignInOutcome> {
  // Who began it must still be the one who is signed in.
  if (!signedIn || cookies.portal === undefined || signedIn.user.record.id !== back.attempt.userId)
    return { kind: 'again', problem: TEXTS.providers.stale, status: 403 };
  const result = await parts.calls.connect(back, cookies.portal);
  if (typeof result !== 'string') return failed(parts, result.code, provider, back.attempt.returnTo);
  const organisation = at.view.installation.organisationName;
  const html = connectedPage({ organisation, label: provider.settings.label, isConnected: result === 'connected' });
  return { kind: 'page', html, status: result === 'connected' ? 200 : 409 };
}

async function describe(
  parts: ProviderMethodParts,
  { at, cookies }: SignInVisit,
  provider: IdentityProviderRecord,
  back: ProviderReturn,
): Promise<SignInOutcome> {
  const found = await parts.calls.describe(back, cookies.portal ?? '');
  if ('code' in found && typeof found.code === 'string')
    return { kind: 'page', html: tryPage({ at, provider, failure: found.code }), status: 400 };
  return { kind: 'page', html: tryPage({ at, provider, found }), status: 200 };
}

function withCookies(outcome: SignInOutcome, more: readonly string[]): SignInOutcome {
  if (outcome.kind === 'refused' || outcome.kind === 'admitted') return outcome;
  return { ...outcome, setCookies: [...(outcome.setCookies ?? []), ...more] };
}

/** Remembers which provider to sign out at, with what it wants to see there. */
function hintCookies({ id, settings }: IdentityProviderRecord, idToken: string | undefined): string[] {
  if (!settings.signOut) return [];
  const shown = idToken !== undefined && idToken.length <= MAXIMUM_HINT_LENGTH ? idToken : '';
  return [serialiseCookie(HINT_COOKIE, `${id}.${shown}`)];
}

function failed(
  { counters }: Pick<ProviderMethodParts, 'counters'>,
  code: string,
  { settings }: IdentityProviderRecord,
  returnTo: string,
): SignInOutcome {
  counters.add('sessions', code);
  const texts = TEXTS.providers.failures;
  const text = (texts as Readonly<Record<string, (label: string) => string>>)[code] ?? texts['provider-error'];
  const status =
    code === 'provider-denied' ? 403 : code === 'unreachable' || code === 'provider-unreachable' ? 503 : 400;
  return { kind: 'again', problem: text(settings.label), status, returnTo };
}

function refusalText(reason: string, { settings }: IdentityProviderRecord): string {
  const texts = TEXTS.providers.refusals;
  const text = (texts as Readonly<Record<string, (label: string) => string>>)[reason] ?? texts['account-missing'];
  return text(settings.label);
}
