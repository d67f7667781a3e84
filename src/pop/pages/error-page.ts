import { html } from './html.ts';
import { page } from './page.ts';
import { TEXTS } from './texts.ts';

export interface ErrorView {
  readonly organisation?: string | undefined;
  readonly status: number;
  readonly title: string;
  /** What happened and what the reader can do, in a sentence or two. */
  readonly advice: string;
  /** The named reason, for whoever is asked for help. */
  readonly reason: string;
  readonly requestId: string;
  readonly host: string | undefined;
  readonly actions: readonly { readonly label: string; readonly url: string }[];
}

/** What a browser shows when a request cannot be served. */
export function errorPage(view: ErrorView): string {
  const [first, ...others] = view.actions;
  return page({
    title: view.title,
    organisation: view.organisation,
    body: html`<div class="sheet">
<p class="number">${view.status}</p>
<h1>${view.title}</h1>
<p>${view.advice}</p>
${
  first
    ? html`<div class="actions"><a class="button" href="${first.url}">${first.label}</a>${others.map(
        ({ label, url }) => html`<a class="button plain" href="${url}">${label}</a>`,
      )}</div>`
    : undefined
}
<dl>
${view.host ? html`<dt>${TEXTS.error.host}</dt><dd>${view.host}</dd>` : undefined}
<dt>${TEXTS.error.reason}</dt><dd><code>${view.reason}</code></dd>
<dt>${TEXTS.error.requestId}</dt><dd><code>${view.requestId}</code></dd>
</dl>
</div>`,
  });
}
