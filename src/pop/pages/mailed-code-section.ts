import { hidden, rememberBox, type SecondStepView } from './factor-pages.ts';
import { FACTOR_TEXTS } from './factor-texts.ts';
import { type Html, html } from './html.ts';
import { TEXTS } from './texts.ts';

export interface MailedCodeView extends Omit<SecondStepView, 'others'> {
  /** The attempt that a code was mailed for; undefined: none was yet. */
  readonly attempt: string | undefined;
}

const METHOD = 'email-otp';

/** A code by mail as second step: first a button that has it sent, then the field for it. */
export function mailedCodeSection(view: MailedCodeView): Html {
  const action = view.action ?? '/second-step';
  const second = FACTOR_TEXTS.second;
  const texts = TEXTS.emailCode;
  if (view.attempt === undefined)
    return html`<form method="post" action="${action}">
${hidden(view, METHOD)}
<p>${second.mail(view.email)}</p>
<button class="button" type="submit">${texts.send}</button>
</form>`;
  return html`<form method="post" action="${action}">
${hidden(view, METHOD)}<input type="hidden" name="challenge" value="${view.attempt}">
<p>${second.mailed(view.email)}</p>
<label for="mailed-code">${second.mailCode}</label>
<input id="mailed-code" class="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,7}" required maxlength="7" autofocus>
${rememberBox(view, 'remember-mailed')}
<button class="button" type="submit">${second.submit}</button>
</form>
<form method="post" action="${action}">
${hidden(view, METHOD)}
<p class="hint">${texts.none} <button class="link" type="submit">${texts.again}</button></p>
</form>`;
}
