import { FACTOR_TEXTS } from './factor-texts.ts';
import { type Html, html } from './html.ts';
import { alarm, page } from './page.ts';
import { qrCode } from './qr-code.ts';

/** What the script needs to ask a passkey. */
export interface PasskeyQuestion {
  readonly challenge: string;
  readonly rpId: string;
  /** Credential ids; none: any that the browser has for us. */
  readonly allow: readonly string[];
  readonly verify: 'required' | 'preferred';
}

/** What the script needs to have one made. */
export interface PasskeyOrder {
  readonly challenge: string;
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly exclude: readonly string[];
}

export interface FormParts {
  readonly csrf: string;
  readonly returnTo: string;
  /** Token of the challenge that passkeys answer. */
  readonly challenge: string;
}

export interface SecondStepView extends FormParts {
  /** Where the forms go: with the query that says why. */
  readonly action?: string;
  readonly organisation: string;
  readonly lead: string;
  readonly problem?: string | undefined;
  readonly passkey?: PasskeyQuestion | undefined;
  readonly totp: boolean;
  readonly recovery: boolean;
  /** Sections of further methods. */
  readonly others: readonly Html[];
  readonly password: boolean;
  readonly email: string;
  /** Days for which a browser may be remembered; 0: it is not offered. */
  readonly rememberDays: number;
}

/** Asks for whatever is missing: a code, a passkey, a recovery code, the password once more. */
export function secondStepPage(view: SecondStepView): string {
  const texts = FACTOR_TEXTS.second;
  const sections: Html[] = [];
  if (view.totp) sections.push(codeForm(view));
  if (view.passkey) sections.push(passkeyForm(view, view.passkey));
  sections.push(...view.others);
  if (view.password) sections.push(passwordForm(view));
  const parts = sections.map((section, i) => (i === 0 ? section : html`<p class="or">${texts.or}</p>${section}`));
  return page({
    title: texts.title,
    organisation: view.organisation,
    keys: true,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${view.lead}</p>
${alarm(view.problem)}
${sections.length === 0 && !view.recovery ? html`<p class="note">${texts.nothing}</p><p class="actions"><a class="button plain" href="/security">${FACTOR_TEXTS.security.title}</a></p>` : parts}
${view.recovery ? recoveryForm(view) : undefined}
</div>
<p class="hint"><a href="/sign-in?return=${encodeURIComponent(view.returnTo)}">${texts.cancel}</a></p>`,
  });
}

/** What every form of the page carries. */
export function hidden({ csrf, returnTo }: Pick<FormParts, 'csrf' | 'returnTo'>, method: string): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="return" value="${returnTo}"><input type="hidden" name="method" value="${method}">`;
}

export function rememberBox({ rememberDays }: Pick<SecondStepView, 'rememberDays'>, id: string): Html | undefined {
  if (rememberDays === 0) return undefined;
  return html`<label class="check" for="${id}"><input id="${id}" type="checkbox" name="remember" value="yes">${FACTOR_TEXTS.second.remember(rememberDays)}</label>`;
}

function codeForm(view: SecondStepView): Html {
  const texts = FACTOR_TEXTS.second;
  return html`<form method="post" action="${view.action ?? '/second-step'}">
${hidden(view, 'totp')}
<label for="code">${texts.code}</label>
<input id="code" class="code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" required maxlength="8" autofocus>
${rememberBox(view, 'remember-code')}
<button class="button" type="submit">${texts.submit}</button>
</form>`;
}

function passkeyForm(view: SecondStepView, question: PasskeyQuestion): Html {
  const texts = FACTOR_TEXTS.second;
  return html`<form method="post" action="${view.action ?? '/second-step'}" data-passkey-get="${JSON.stringify(question)}" hidden>
${hidden(view, 'passkey')}<input type="hidden" name="challenge" value="${view.challenge}"><input type="hidden" name="passkey" value="">
<p class="note alarm" role="alert" data-note hidden>${FACTOR_TEXTS.problems.passkey}</p>
${rememberBox(view, 'remember-passkey')}
<button class="${view.totp ? 'button plain' : 'button'}" type="submit">${texts.passkey}</button>
</form>
<noscript><p class="hint">${texts.passkeyNeedsScript}</p></noscript>`;
}

function passwordForm(view: SecondStepView): Html {
  const texts = FACTOR_TEXTS.second;
  return html`<form method="post" action="${view.action ?? '/second-step'}">
${hidden(view, 'password')}
<input type="hidden" autocomplete="username" value="${view.email}">
<label for="password">${texts.password}</label>
<input id="password" name="code" type="password" autocomplete="current-password" required maxlength="1024">
<button class="button" type="submit">${texts.submit}</button>
</form>`;
}

function recoveryForm(view: SecondStepView): Html {
  const texts = FACTOR_TEXTS.second;
  return html`<details class="more"><summary>${texts.recoveryOpen}</summary>
<form method="post" action="${view.action ?? '/second-step'}">
${hidden(view, 'recovery-code')}
<label for="recovery">${texts.recovery}</label>
<input id="recovery" class="code" name="code" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="32" aria-describedby="recovery-hint">
<p class="hint" id="recovery-hint">${texts.recoveryHint}</p>
<button class="button plain" type="submit">${texts.submit}</button>
</form></details>`;
}

/** What a newcomer to second factors may add; where a policy names one, the other would be a dead end. */
export type EnrolOffer = 'any' | 'totp' | 'passkey';

export interface EnrolView extends FormParts {
  readonly organisation: string;
  readonly offer: EnrolOffer;
  readonly lead: string;
  readonly problem?: string | undefined;
  readonly order: PasskeyOrder;
}

/** Somebody without a factor chooses one. */
export function enrolPage(view: EnrolView): string {
  const texts = FACTOR_TEXTS.enrol;
  const title = { any: texts.title, totp: texts.titleApp, passkey: texts.titlePasskey }[view.offer];
  const app = html`<p class="actions"><a class="button" href="/security/authenticator?return=${encodeURIComponent(view.returnTo)}">${texts.app}</a></p>
<p class="hint">${texts.appHint}</p>`;
  const passkey = html`${newPasskeyForm(view, view.order, undefined)}
<p class="hint">${texts.passkeyHint}</p>`;
  const ways = { any: html`${app}<p class="or">${FACTOR_TEXTS.second.or}</p>${passkey}`, totp: app, passkey };
  return page({
    title,
    organisation: view.organisation,
    keys: true,
    body: html`<div class="sheet">
<h1>${title}</h1>
<p class="quiet">${view.lead}</p>
${alarm(view.problem)}
${ways[view.offer]}
</div>`,
  });
}

export interface FactorElsewhereView {
  readonly organisation: string;
  readonly email: string;
  readonly returnTo: string;
  readonly hasPassword: boolean;
}

/** Somebody must add a factor, and the provider that they came through speaks for one of their organisations only. */
export function factorElsewherePage({ organisation, email, returnTo, hasPassword }: FactorElsewhereView): string {
  const texts = FACTOR_TEXTS.elsewhere;
  const again = `/sign-in?${new URLSearchParams({ return: returnTo, choose: '1' })}`;
  return page({
    title: texts.title,
    organisation,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p>${texts.why(email)}</p>
<p class="quiet">${hasPassword ? texts.withPassword : texts.withoutPassword}</p>
<p class="actions"><a class="button" href="${again}">${texts.again}</a></p>
</div>`,
  });
}

/** Has a passkey made; needs the script. `label`: asks for a name. */
export function newPasskeyForm(
  { csrf, returnTo, challenge, action }: FormParts & { readonly action?: string },
  order: PasskeyOrder,
  label?: string,
  submit: string = FACTOR_TEXTS.security.addPasskey,
): Html {
  const field =
    label === undefined
      ? undefined
      : html`<label for="passkey-name">${label}</label>
<input id="passkey-name" name="name" maxlength="64" autocomplete="off">`;
  return html`<form method="post" action="${action ?? '/security/passkey'}" data-passkey-create="${JSON.stringify(order)}" hidden>
<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="return" value="${returnTo}"><input type="hidden" name="challenge" value="${challenge}"><input type="hidden" name="passkey" value="">
<p class="note alarm" role="alert" data-note hidden>${FACTOR_TEXTS.problems.passkey}</p>
${field}
<button class="button plain" type="submit">${submit}</button>
</form>
<noscript><p class="hint">${FACTOR_TEXTS.second.passkeyNeedsScript}</p></noscript>`;
}

export interface AuthenticatorView extends Omit<FormParts, 'challenge'> {
  readonly organisation: string;
  readonly secret: string;
  readonly uri: string;
  readonly problem?: string | undefined;
}

/** The QR code, and the code that proves that it was scanned. */
export function authenticatorPage(view: AuthenticatorView): string {
  const texts = FACTOR_TEXTS.authenticator;
  return page({
    title: texts.title,
    organisation: view.organisation,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${texts.lead}</p>
${alarm(view.problem)}
${qrCode(view.uri, texts.qr)}
<p class="hint">${texts.manual}<br><code class="secret" id="secret">${view.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code></p>
<form method="post" action="/security/authenticator">
<input type="hidden" name="csrf" value="${view.csrf}"><input type="hidden" name="return" value="${view.returnTo}">
<label for="code">${texts.code}</label>
<input id="code" class="code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" required maxlength="8" autofocus>
<label for="name">${texts.name}</label>
<input id="name" name="name" maxlength="64" autocomplete="off" placeholder="Phone">
<button class="button" type="submit">${texts.submit}</button>
</form>
</div>`,
  });
}

/** The codes, this once. */
export function recoveryPage(view: {
  readonly organisation: string;
  readonly codes: readonly string[];
  readonly returnTo: string;
}): string {
  const texts = FACTOR_TEXTS.recovery;
  return page({
    title: texts.title,
    organisation: view.organisation,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p>${texts.lead}</p>
<ul class="codes">${view.codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
<div class="actions"><a class="button" href="${view.returnTo}">${texts.done}</a></div>
</div>`,
  });
}
