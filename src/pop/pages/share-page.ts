import { html } from './html.ts';
import { page } from './page.ts';
import { TEXTS } from './texts.ts';

/** Before a share link with few uses is used: previews of links and scanners of mails press no buttons. */
export function sharePage(view: {
  readonly organisation: string;
  readonly application: string;
  readonly action: string;
  readonly csrfToken: string;
}): string {
  const texts = TEXTS.share;
  return page({
    title: texts.title(view.application),
    organisation: view.organisation,
    body: html`<div class="sheet">
<h1>${texts.title(view.application)}</h1>
<p class="quiet">${texts.lead}</p>
<form method="post" action="${view.action}">
<input type="hidden" name="csrf" value="${view.csrfToken}">
<button class="button" type="submit" autofocus>${texts.submit}</button>
</form>
</div>`,
  });
}
