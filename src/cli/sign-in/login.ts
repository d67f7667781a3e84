/** `manis login`: signs this program in with a code that is typed into a browser (RFC 8628). */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, printable } from '../../base/index.ts';
import { openBrowser } from '../../io/access/open-browser.ts';
import { ownLookup } from '../../io/outbound/own-lookup.ts';
import { localPlace } from '../api/connection.ts';
import { ApiFailure, ControlApi } from '../api/control-api.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { requireText } from '../programs/enrolment.ts';
import { say, sayAside, sayJson } from '../terminal/output.ts';
import type { Style } from '../terminal/style.ts';
import { DEFAULT_PROFILE, Profiles } from './profiles.ts';
import type { LoginSettings } from './settings.ts';

interface Begun {
  readonly secret: string;
  readonly userCode: string;
  readonly url: string;
  readonly intervalMs: number;
}

interface Place {
  readonly url: string;
  readonly ca?: string;
}

export async function runLogin(settings: LoginSettings, [word]: readonly string[], style: Style): Promise<void> {
  const profiles = new Profiles();
  const place = await placeOf(settings, word, profiles);
  const api = new ControlApi({ ...place, url: new URL(place.url) });
  try {
    const computer = hostname().slice(0, 64);
    const begun = await api.post('/program-sign-ins', { body: { program: 'manis', computer } });
    sayAside(inviteText(begun, style));
    if (!settings.noBrowser) openBrowser(begun.url);
    const { token } = await untilSignedIn(api, begun);
    const name = settings.profile ?? DEFAULT_PROFILE;
    await profiles.put(name, { ...place, token });
    const signedIn = new ControlApi({ ...place, url: new URL(place.url), token });
    const { email } = await signedIn.get('/me').finally(() => signedIn.close());
    const told = { profile: name, url: place.url, email };
    const text = `Signed in to ${place.url} as ${printable(email)}${name === DEFAULT_PROFILE ? '' : ` (profile ${name})`}.`;
    if (settings.json) sayJson(told, 2);
    else say(text);
  } finally {
    api.close();
  }
}

function inviteText({ url, userCode }: Begun, style: Style): string {
  return `\n  Open ${style.link(url)} in a browser and type the code\n\n      ${style.strong(userCode)}\n\n  Waiting; the code lives ten minutes.\n\n`;
}

async function untilSignedIn(api: ControlApi, { secret, intervalMs }: Begun): Promise<{ readonly token: string }> {
  let waitMs = intervalMs;
  for (;;) {
    await sleep(waitMs);
    try {
      return await api.post('/program-sign-ins/token', { body: { secret } });
    } catch (error) {
      if (!(error instanceof ApiFailure)) continue;
      // RFC 8628 section 3.5: five seconds more, for good.
      if (error.code === 'sign-in-too-often') waitMs += 5_000;
      else if (error.code === 'sign-in-code-unknown')
        throw new Failure('sign-in-too-late', 'nobody typed the code in time; run "manis login" again');
      else if (error.code !== 'sign-in-pending' && error.status < 500) throw error;
    }
  }
}

/** The place that is named, the one of before, or the local network. */
async function placeOf(settings: LoginSettings, word: string | undefined, profiles: Profiles): Promise<Place> {
  const named = word ?? settings.url;
  if (named !== undefined) {
    const url = URL.parse(named.includes('://') ? named : `https://${named}`);
    if (url?.protocol !== 'https:')
      throw new UsageFailure(
        'setting-invalid',
        `${JSON.stringify(named)}: expected an https URL such as https://manis.example.com`,
      );
    const ca = await authorityOf(url, settings, profiles);
    return { url: url.origin, ...(ca && { ca }) };
  }
  const local = settings.profile === undefined ? await localPlace(settings.dataDir) : undefined;
  if (local) return { url: local.url.origin, ...(local.ca && { ca: local.ca }) };
  const before = await profiles.find(settings.profile);
  if (before) return { url: before.url, ...(before.ca !== undefined && { ca: before.ca }) };
  throw new UsageFailure('setting-invalid', 'URL is missing: where your portal is, such as https://manis.example.com');
}

/** What is given, what was given before, or, for a name of this machine, the authority of the local network. */
async function authorityOf(url: URL, { ca, dataDir }: LoginSettings, profiles: Profiles): Promise<string | undefined> {
  if (ca !== undefined) return requireText('ca', ca);
  const before = await profiles.at(url.origin);
  if (before?.ca !== undefined || !ownLookup(url.hostname)) return before?.ca;
  return (await localPlace(dataDir))?.ca;
}
