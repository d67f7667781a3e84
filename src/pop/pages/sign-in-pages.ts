import type { PasskeyQuestion } from './factor-pages.ts';
import { type Html, html } from './html.ts';
import { alarm, page } from './page.ts';
import { TEXTS } from './texts.ts';

export interface SignInPageView {
  /** Whether an account is of any use here. */
  readonly accounts: boolean;
  /** Whether people choose a new password by themselves. */
  readonly resets: boolean;
  readonly organisation: string;
  /** Name of the application that the person came from. */
  readonly application?: string | undefined;
  readonly problem?: string | undefined;
  /** Of each way that is offered, what it shows. */
  readonly sections: readonly Html[];
}

/** The page that offers every way to sign in. */
export function signInPage({ organisation, accounts, resets, application, problem, sections }: SignInPageView): string {
  const texts = TEXTS.signIn;
  return page({
    title: texts.title,
    organisation,
    keys: true,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${application ? texts.leadTo(application) : texts.lead(organisation)}</p>
${alarm(problem)}
${sections.length > 0 ? divided(sections) : html`<p class="note">${texts.noWay}</p>`}
</div>
${accounts ? html`<p class="hint">${resets ? texts.helpReset : texts.help}</p>` : undefined}`,
  });
}

/** The first way, and below one line the others, each a step apart. */
function divided([first, ...others]: readonly Html[]): Html {
  if (others.length === 0) return html`${first}`;
  return html`${first}<p class="or">${TEXTS.signIn.or}</p><div class="ways">${others}</div>`;
}

/** What every form of the page carries. */
export function hiddenInputs(
  csrfToken: string,
  returnTo: string,
  challenge: { readonly token: string; readonly nonce: string },
): Html {
  return html`<input type="hidden" name="csrf" value="${csrfToken}">
<input type="hidden" name="return" value="${returnTo}">
<input type="hidden" name="challenge" value="${challenge.token}">
<input type="hidden" name="device" value="" data-device-nonce="${challenge.nonce}">`;
}

export interface PasswordSection {
  readonly action: string;
  readonly hiddenInputs: Html;
  readonly email: string | undefined;
  readonly focus: boolean;
  /** Whether a link for a new password can be mailed. */
  readonly canReset: boolean;
}

/** Asks for email address and password. */
export function passwordSection({ action, hiddenInputs, email, focus, canReset }: PasswordSection): Html {
  const texts = TEXTS.signIn;
  return html`<form method="post" action="${action}">
${hiddenInputs}
<label for="email">${texts.email}</label>
<input id="email" name="email" type="email" autocomplete="username webauthn" inputmode="email" autocapitalize="none" spellcheck="false" required maxlength="254" value="${email ?? ''}"${focusWhen(focus && !email)}>
<label for="password">${texts.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${focusWhen(focus && Boolean(email))}>
<button class="button" type="submit">${texts.submit}</button>
${canReset ? html`<p class="hint"><a href="/reset">${TEXTS.reset.forgotten}</a></p>` : undefined}
</form>`;
}

export interface SecretSection {
  readonly method: 'pin' | 'resource-password';
  readonly action: string;
  readonly hiddenInputs: Html;
  readonly focus: boolean;
}

/** Asks for the PIN or the password of a resource. */
export function secretSection({ method, action, hiddenInputs, focus }: SecretSection): Html {
  const texts = TEXTS.resourceSecrets[method];
  const kind =
    method === 'pin'
      ? html` inputmode="numeric" pattern="[0-9 ]*" autocomplete="one-time-code" maxlength="24"`
      : html` autocomplete="current-password" maxlength="512"`;
  return html`<form method="post" action="${action}">
${hiddenInputs}
<label for="${method}">${texts.label}</label>
<input id="${method}" name="secret" type="password"${kind} required aria-describedby="${method}-hint"${focusWhen(focus)}>
<p class="hint" id="${method}-hint">${texts.hint}</p>
<button class="button" type="submit">${texts.submit}</button>
</form>`;
}

export function focusWhen(condition: boolean): Html | undefined {
  return condition ? { html: ' autofocus' } : undefined;
}

export interface PasskeySection {
  readonly action: string;
  readonly hiddenInputs: Html;
  readonly question: PasskeyQuestion;
}

/** A button for passkeys, shown where there are scripts; where the browser can, it lists them under the email address, too. */
export function passkeySection({ action, hiddenInputs, question }: PasskeySection): Html {
  return html`<form method="post" action="${action}" data-passkey-get="${JSON.stringify(question)}" data-conditional hidden>
${hiddenInputs}<input type="hidden" name="passkey" value="">
<p class="note alarm" role="alert" data-note hidden>${TEXTS.signInProblems.passkey}</p>
<button class="button plain" type="submit">${TEXTS.signIn.passkey}</button>
</form>
<noscript><p class="hint">${TEXTS.signIn.passkeyNeedsScript}</p></noscript>`;
}
