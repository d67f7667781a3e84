import { type Html, html } from './html.ts';
import { brand, page } from './page.ts';
import { TEXTS } from './texts.ts';

export interface ListedApplication {
  readonly name: string;
  readonly host: string;
  readonly url: string;
}

export interface ApplicationsView {
  readonly organisation: string;
  readonly person: string;
  readonly csrfToken: string;
  /** Whether they administer something: the console is a step away. */
  readonly hasConsole?: boolean;
  /** Whether accounts of providers can be connected. */
  readonly hasProviders?: boolean;
  readonly applications: readonly ListedApplication[];
}

/** What a signed-in person may open. */
export function applicationsPage(view: ApplicationsView): string {
  const texts = TEXTS.applications;
  const listed =
    view.applications.length > 0
      ? html`<ul class="apps">${view.applications.map(application)}</ul>`
      : html`<div class="sheet"><p>${texts.none}</p><p class="quiet">${texts.noneHelp}</p></div>`;
  return page({
    title: texts.title,
    organisation: view.organisation,
    wide: true,
    body: html`<header class="bar">${brand(view.organisation)}
<div class="acts">${view.hasConsole ? html`<a class="button small" href="/console/">${texts.console}</a>` : undefined}<a class="button plain small" href="/security">${texts.security}</a>
<form method="post" action="/sign-out"><input type="hidden" name="csrf" value="${view.csrfToken}"><button class="button plain small" type="submit">${texts.signOut}</button></form></div></header>
<h1>${texts.title}</h1>
<p class="quiet">${texts.greeting(view.person)}${view.hasProviders ? html` · <a href="/providers">${TEXTS.providers.list.title}</a>` : undefined}</p>
${listed}`,
  });
}

function application({ name, host, url }: ListedApplication): Html {
  const initial = [...name.trim()][0]?.toUpperCase() ?? '·';
  return html`<li><a href="${url}"><span class="initial" aria-hidden="true">${initial}</span><span class="app"><b>${name}</b><span>${host}</span></span></a></li>`;
}

/** After signing out. */
export function signedOutPage(organisation: string, signInUrl: string): string {
  const texts = TEXTS.signedOut;
  return page({
    title: texts.title,
    organisation,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${texts.lead}</p>
<div class="actions"><a class="button" href="${signInUrl}">${texts.again}</a></div>
</div>`,
  });
}

/** Asks before signing out of one application; a plain link to it must not sign anybody out. */
export function signOutPage(view: {
  organisation: string;
  /** The one that it ends at; undefined: all of them. */
  application: string | undefined;
  action: string;
  csrfToken: string;
}): string {
  const texts = TEXTS.signOutAsk;
  return page({
    title: texts.title,
    organisation: view.organisation,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${view.application === undefined ? texts.leadAll : texts.lead(view.application)}</p>
<form method="post" action="${view.action}"><input type="hidden" name="csrf" value="${view.csrfToken}">
<button class="button" type="submit">${texts.submit}</button></form>
</div>`,
  });
}
