import { html } from './html.ts';
import { newPasswordFields } from './new-password.ts';
import { alarm, page } from './page.ts';
import { TEXTS } from './texts.ts';

export interface ResetAsk {
  readonly organisation: string;
  readonly csrfToken: string;
  readonly email: string;
  readonly problem?: string | undefined;
}

/** Asks whose password was forgotten. */
export function resetAskPage({ organisation, csrfToken, email, problem }: ResetAsk): string {
  const texts = TEXTS.reset;
  return page({
    title: texts.title,
    organisation,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${texts.lead}</p>
${alarm(problem)}
<form method="post" action="/reset">
<input type="hidden" name="csrf" value="${csrfToken}">
<label for="email">${TEXTS.signIn.email}</label>
<input id="email" name="email" type="email" autocomplete="username" inputmode="email" autocapitalize="none" spellcheck="false" required maxlength="254" value="${email}" autofocus>
<button class="button" type="submit">${texts.submit}</button>
</form>
</div>
<p class="hint"><a href="/sign-in">${texts.back}</a></p>`,
  });
}

/** After asking: the same for every address. */
export function resetAskedPage(organisation: string): string {
  const texts = TEXTS.reset;
  return page({
    title: texts.askedTitle,
    organisation,
    body: html`<div class="sheet">
<h1>${texts.askedTitle}</h1>
<p class="quiet">${texts.asked}</p>
<div class="actions"><a class="button plain" href="/sign-in">${texts.back}</a></div>
</div>`,
  });
}

export interface ResetForm {
  readonly organisation: string;
  /** `/reset/<token>` */
  readonly action: string;
  readonly email: string;
  readonly problem?: string | undefined;
}

/** Asks for the new password. */
export function resetPage({ organisation, action, email, problem }: ResetForm): string {
  return page({
    title: TEXTS.reset.newTitle,
    organisation,
    body: html`<div class="sheet">
<h1>${TEXTS.reset.newTitle}</h1>
<p class="quiet">${TEXTS.reset.newLead}</p>
${alarm(problem)}
<form method="post" action="${action}">
<label for="email">${TEXTS.signIn.email}</label>
<input id="email" type="email" autocomplete="username" value="${email}" readonly>
${newPasswordFields({ hasFocus: true })}
<button class="button" type="submit">${TEXTS.reset.save}</button>
</form>
</div>`,
  });
}

/** The password is another one. */
export function resetDonePage(organisation: string): string {
  const texts = TEXTS.reset;
  return page({
    title: texts.doneTitle,
    organisation,
    body: html`<div class="sheet">
<h1>${texts.doneTitle}</h1>
<p class="quiet">${texts.done}</p>
<div class="actions"><a class="button" href="/sign-in">${TEXTS.signIn.submit}</a></div>
</div>`,
  });
}
