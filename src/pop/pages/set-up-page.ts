import { newPasskeyForm, type PasskeyOrder } from './factor-pages.ts';
import { html } from './html.ts';
import { newPasswordFields } from './new-password.ts';
import { alarm, page } from './page.ts';
import { TEXTS } from './texts.ts';

export interface SetUpForm {
  readonly organisation: string;
  /** `/set-up/<token>` */
  readonly action: string;
  /** Whose account it is; password managers keep it with the password. */
  readonly email: string;
  readonly problem?: string | undefined;
  /** Left out: a passkey cannot be made now. */
  readonly passkey?: { readonly token: string; readonly order: PasskeyOrder } | undefined;
}

/** The first administrator chooses a password, or has a passkey made and needs none. */
export function setUpPage({ organisation, action, email, problem, passkey }: SetUpForm): string {
  const texts = TEXTS.setUp;
  const form = passkey && { csrf: '', returnTo: '', challenge: passkey.token, action };
  return page({
    title: texts.title,
    organisation,
    keys: true,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${texts.lead}</p>
${alarm(problem)}
<form method="post" action="${action}">
<label for="email">${TEXTS.signIn.email}</label>
<input id="email" type="email" autocomplete="username" value="${email}" readonly aria-describedby="email-hint">
<p class="hint" id="email-hint">${texts.emailHint}</p>
${newPasswordFields({ hasFocus: true })}
<button class="button" type="submit">${texts.submit}</button>
</form>
${form && html`<p class="or">${TEXTS.signIn.or}</p>${newPasskeyForm(form, passkey.order, undefined, texts.passkey)}<p class="hint">${texts.passkeyHint}</p>`}
</div>
<p class="hint">${texts.next}</p>`,
  });
}
