import type { AccessRequest } from '../access/access-request.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import { TEXTS } from './texts.ts';

/** Before a program gets a session: whoever sent a link to this page does not press its button. */
export function accessPage(view: {
  readonly organisation: string;
  readonly application: string;
  readonly host: string;
  readonly account: string;
  readonly computer: string;
  readonly action: string;
  readonly asked: AccessRequest;
  readonly csrfToken: string;
}): string {
  const texts = TEXTS.access;
  const { challenge, port, state } = view.asked;
  return page({
    title: texts.title(view.application),
    organisation: view.organisation,
    body: html`<div class="sheet">
<h1>${texts.title(view.application)}</h1>
<p>${view.computer === '' ? texts.leadUnnamed : texts.lead(view.computer)}</p>
<p class="quiet">${texts.host} <strong>${view.host}</strong>${view.account === '' ? undefined : html`<br>${texts.account} <strong>${view.account}</strong>`}</p>
<p class="note">${texts.warning}</p>
<form method="post" action="${view.action}">
<input type="hidden" name="csrf" value="${view.csrfToken}">
<input type="hidden" name="challenge" value="${challenge}">
<input type="hidden" name="port" value="${port}">
<input type="hidden" name="state" value="${state}">
<button class="button" type="submit">${texts.submit}</button>
</form>
</div>`,
  });
}
