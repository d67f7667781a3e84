import { utcDay } from '../../base/index.ts';
import type { SecurityFacts } from '../factors/factor-calls.ts';
import { type FormParts, newPasskeyForm, type PasskeyOrder } from './factor-pages.ts';
import { FACTOR_TEXTS } from './factor-texts.ts';
import { type Html, html } from './html.ts';
import { alarm, page } from './page.ts';
import { portalBar } from './portal-bar.ts';

export interface SecurityView extends FormParts {
  readonly organisation: string;
  readonly hasConsole: boolean;
  readonly facts: SecurityFacts;
  readonly order: PasskeyOrder;
  /** What the key of this device signs. */
  readonly deviceNonce: string;
  readonly problem?: string | undefined;
  readonly saved: boolean;
  /** Sections of others: linked identities. */
  readonly others: readonly Html[];
}

const TEXTS = FACTOR_TEXTS.security;

/** "My security": how the person signs in, and where they are signed in. Every button works without a script but the two for keys. */
export function securityPage(view: SecurityView): string {
  const { facts } = view;
  const due = facts.factorDueUnixMs;
  return page({
    title: TEXTS.title,
    organisation: view.organisation,
    wide: true,
    keys: true,
    body: html`${portalBar({ organisation: view.organisation, current: 'security', hasConsole: view.hasConsole })}
${wayOn(view.returnTo)}
<h1>${TEXTS.title}</h1>
<p class="quiet">${TEXTS.lead(facts.email)}</p>
${alarm(view.problem)}
${view.saved ? html`<p class="note" role="status">${TEXTS.saved}</p>` : undefined}
${due === null ? undefined : html`<p class="note">${TEXTS.due(utcDay(due))}</p>`}
${authenticators(view)}
${passkeys(view)}
${recovery(view)}
${facts.hasPassword ? password(view) : undefined}
${view.others}
${sessions(view)}
${browsers(view)}
${devices(view)}`,
  });
}

/** For whoever was sent here in the middle of something. */
function wayOn(returnTo: string): Html | undefined {
  if (returnTo.startsWith('/security')) return undefined;
  return html`<p class="actions"><a class="button" href="${returnTo}">${TEXTS.goOn}</a></p>`;
}

function section(title: string, body: Html, lead?: string): Html {
  return html`<section class="sheet part"><h2>${title}</h2>${lead === undefined ? undefined : html`<p class="quiet">${lead}</p>`}${body}</section>`;
}

interface Line {
  readonly name: string;
  readonly details: readonly (string | undefined)[];
  readonly mark?: Html;
  readonly actions: readonly Html[];
}

function lines(entries: readonly Line[]): Html {
  if (entries.length === 0) return html`<p class="quiet">${TEXTS.none}</p>`;
  return html`<ul class="lines">${entries.map(
    ({ name, details, mark, actions }) =>
      html`<li><div><b>${name}</b>${mark}<span>${details.filter((one) => one !== undefined).join(' · ')}</span></div><div class="acts">${actions}</div></li>`,
  )}</ul>`;
}

/** A button that does one thing. */
function act(view: SecurityView, path: string, label: string, id?: string, about?: string): Html {
  return html`<form method="post" action="/security/${path}"><input type="hidden" name="csrf" value="${view.csrf}">${id === undefined ? undefined : html`<input type="hidden" name="id" value="${id}">`}<button class="button plain small" type="submit"${about === undefined ? undefined : html` aria-label="${label}: ${about}"`}>${label}</button></form>`;
}

function used(unixMs: number | null): string {
  return unixMs === null ? TEXTS.unused : TEXTS.used(utcDay(unixMs));
}

function authenticators(view: SecurityView): Html {
  const entries = view.facts.authenticators.map(({ id, name, createdUnixMs, lastUsedUnixMs }) => ({
    name,
    details: [TEXTS.created(utcDay(createdUnixMs)), used(lastUsedUnixMs)],
    actions: [act(view, 'remove-authenticator', TEXTS.remove, id, name)],
  }));
  const add = html`<p class="actions"><a class="button plain" href="/security/authenticator?return=%2Fsecurity">${TEXTS.addAuthenticator}</a></p>`;
  return section(TEXTS.authenticators, html`${lines(entries)}${add}`);
}

function passkeys(view: SecurityView): Html {
  const entries = view.facts.passkeys.map(({ id, name, createdUnixMs, lastUsedUnixMs, backedUp }) => ({
    name,
    details: [TEXTS.created(utcDay(createdUnixMs)), used(lastUsedUnixMs), backedUp ? TEXTS.synced : undefined],
    actions: [rename(view, id, name), act(view, 'remove-passkey', TEXTS.remove, id, name)],
  }));
  const add = newPasskeyForm(view, view.order, TEXTS.passkeyName);
  return section(TEXTS.passkeys, html`${lines(entries)}${add}`, TEXTS.passkeysLead);
}

function rename(view: SecurityView, id: string, name: string): Html {
  return html`<details class="rename"><summary class="button plain small">${TEXTS.rename}</summary><form method="post" action="/security/rename-passkey"><input type="hidden" name="csrf" value="${view.csrf}"><input type="hidden" name="id" value="${id}"><input name="name" aria-label="${TEXTS.newName(name)}" value="${name}" required maxlength="64"><button class="button plain small" type="submit">${TEXTS.rename}</button></form></details>`;
}

function recovery(view: SecurityView): Html {
  const { left, of } = view.facts.recoveryCodes;
  const body =
    of === 0
      ? html`<p class="quiet">${TEXTS.recoveryNone}</p>`
      : html`<p>${TEXTS.recoveryLeft(left, of)}</p>${act(view, 'recovery-codes', TEXTS.recoveryRenew)}`;
  return section(TEXTS.recovery, body);
}

function password(view: SecurityView): Html {
  return section(
    TEXTS.password,
    html`<form method="post" action="/security/password">
<input type="hidden" name="csrf" value="${view.csrf}">
<label for="current">${TEXTS.current}</label>
<input id="current" name="current" type="password" autocomplete="current-password" required maxlength="1024">
<label for="next">${TEXTS.next}</label>
<input id="next" name="next" type="password" autocomplete="new-password" required maxlength="1024" aria-describedby="password-hint">
<label for="repeat">${TEXTS.repeat}</label>
<input id="repeat" name="repeat" type="password" autocomplete="new-password" required maxlength="1024">
<p class="hint" id="password-hint">${TEXTS.changePasswordHint}</p>
<button class="button plain" type="submit">${TEXTS.changePassword}</button>
</form>`,
  );
}

function sessions(view: SecurityView): Html {
  const entries = view.facts.sessions.map((session) => ({
    name: browserName(session.userAgent),
    details: [session.clientAddress, TEXTS.since(utcDay(session.createdUnixMs))],
    ...(session.isThis && { mark: html` <em>${TEXTS.thisSession}</em>` }),
    actions: session.isThis ? [] : [act(view, 'end-session', TEXTS.end, session.id, browserName(session.userAgent))],
  }));
  const all = entries.length > 1 ? act(view, 'end-other-sessions', TEXTS.endOthers) : undefined;
  return section(TEXTS.sessions, html`${lines(entries)}${all}`);
}

function browsers(view: SecurityView): Html | undefined {
  const { browsers: known } = view.facts;
  if (known.length === 0) return undefined;
  const entries = known.map((browser) => ({
    name: browserName(browser.userAgent),
    details: [
      browser.clientAddress,
      TEXTS.used(utcDay(browser.lastUsedUnixMs)),
      TEXTS.until(utcDay(browser.expiresUnixMs)),
    ],
    actions: [act(view, 'forget-browser', TEXTS.forget, browser.id, browserName(browser.userAgent))],
  }));
  return section(
    TEXTS.browsers,
    html`${lines(entries)}${act(view, 'forget-browsers', TEXTS.forgetAll)}`,
    TEXTS.browsersLead,
  );
}

function devices(view: SecurityView): Html {
  const entries = view.facts.devices.map(({ id, name, approved, lastUsedUnixMs }) => ({
    name,
    mark: html` <em data-device-id="${id}" hidden>${TEXTS.thisDevice}</em>`,
    details: [approved ? TEXTS.approved : TEXTS.notApproved, used(lastUsedUnixMs)],
    actions: [act(view, 'remove-device', TEXTS.remove, id, name)],
  }));
  const add = html`<form method="post" action="/security/device" data-device-create="${view.deviceNonce}" hidden>
<input type="hidden" name="csrf" value="${view.csrf}"><input type="hidden" name="challenge" value="${view.challenge}"><input type="hidden" name="key" value=""><input type="hidden" name="signature" value="">
<p class="note alarm" role="alert" data-note hidden>${FACTOR_TEXTS.problems.refused}</p>
<label for="device-name">${TEXTS.deviceName}</label>
<input id="device-name" name="name" maxlength="64" autocomplete="off">
<button class="button plain" type="submit">${TEXTS.addDevice}</button>
</form>`;
  const mark = html`<form hidden><input type="hidden" name="device" data-device-nonce="${view.deviceNonce}"></form>`;
  return section(TEXTS.devices, html`${lines(entries)}${add}${mark}`, TEXTS.devicesLead);
}

/** `Chrome on Linux`: enough to know one's own devices by. */
export function browserName(userAgent: string): string {
  const browser = /Edg\//.test(userAgent)
    ? 'Edge'
    : /Firefox\//.test(userAgent)
      ? 'Firefox'
      : /Chrome\//.test(userAgent)
        ? 'Chrome'
        : /Safari\//.test(userAgent)
          ? 'Safari'
          : 'A browser';
  const systems: readonly (readonly [RegExp, string])[] = [
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/CrOS/, 'ChromeOS'],
    [/Linux/, 'Linux'],
  ];
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1];
  return system ? `${browser} on ${system}` : browser;
}
