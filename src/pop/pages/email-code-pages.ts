import { type Html, html } from './html.ts';
import { alarm, page } from './page.ts';
import { focusWhen } from './sign-in-pages.ts';
import { TEXTS } from './texts.ts';

export interface EmailCodeSection {
  readonly action: string;
  readonly hiddenInputs: Html;
  readonly email: string | undefined;
  readonly focus: boolean;
}

/** Asks for an address to mail a code to. */
export function emailCodeSection({ action, hiddenInputs, email, focus }: EmailCodeSection): Html {
  const texts = TEXTS.emailCode;
  return html`<form method="post" action="${action}">
${hiddenInputs}
<label for="code-email">${texts.email}</label>
<input id="code-email" name="email" type="email" autocomplete="email" inputmode="email" autocapitalize="none" spellcheck="false" required maxlength="254" value="${email ?? ''}"${focusWhen(focus)}>
<button class="button plain" type="submit">${texts.send}</button>
</form>`;
}

export interface EmailCodeForm {
  readonly organisation: string;
  readonly action: string;
  readonly hiddenInputs: Html;
  readonly attempt: string;
  /** Binds attempt and address to this browser. */
  readonly proof: string;
  readonly email: string;
  readonly problem?: string | undefined;
}

/** Asks for the code. It says the same whether one was sent or not. */
export function emailCodePage(form: EmailCodeForm): string {
  const texts = TEXTS.emailCode;
  const { action, hiddenInputs, attempt, proof, email } = form;
  return page({
    title: texts.title,
    organisation: form.organisation,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${texts.lead(email)}</p>
${alarm(form.problem)}
<form method="post" action="${action}">
${hiddenInputs}
<input type="hidden" name="email" value="${email}">
<input type="hidden" name="attempt" value="${attempt}">
<input type="hidden" name="proof" value="${proof}">
<label for="code">${texts.code}</label>
<input id="code" class="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,7}" required maxlength="7" autofocus>
<button class="button" type="submit">${texts.submit}</button>
</form>
</div>
<form method="post" action="${action}">
${hiddenInputs}
<input type="hidden" name="email" value="${email}">
<p class="hint">${texts.none} <button class="link" type="submit">${texts.again}</button></p>
</form>`,
  });
}
