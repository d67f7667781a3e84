import { type Html, html } from './html.ts';
import { page } from './page.ts';
import { portalBar } from './portal-bar.ts';
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
  /** What was asked for; empty: all. */
  readonly search?: string;
}

/** What a signed-in person may open. */
export function applicationsPage(view: ApplicationsView): string {
  const texts = TEXTS.applications;
  const found = searched(view.applications, view.search ?? '');
  const signOut = html`<form method="post" action="/sign-out"><input type="hidden" name="csrf" value="${view.csrfToken}"><button class="button plain small" type="submit">${texts.signOut}</button></form>`;
  return page({
    title: texts.title,
    organisation: view.organisation,
    wide: true,
    body: html`${portalBar({ organisation: view.organisation, current: 'applications', hasConsole: view.hasConsole === true, signOut })}
<h1>${texts.title}</h1>
<p class="quiet beside">${texts.greeting(view.person)}${view.hasProviders ? html` <a href="/providers">${TEXTS.providers.list.title}</a>` : undefined}</p>
${view.applications.length > SEARCH_FROM ? searchForm(view.search ?? '') : undefined}
${listed(view.applications.length, found)}`,
  });
}

/** From so many on they are searched. */
const SEARCH_FROM = 12;
/** More than anybody reads; the rest is found by searching. */
const LISTED_MAX = 200;

function searched(applications: readonly ListedApplication[], search: string): readonly ListedApplication[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return applications.filter(({ name, host }) => {
    const text = `${name} ${host}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function searchForm(search: string): Html {
  const texts = TEXTS.applications;
  return html`<form class="find" method="get" action="/" role="search"><input type="search" name="q" value="${search}" aria-label="${texts.find}" placeholder="${texts.find}" maxlength="128"><button class="button plain small" type="submit">${texts.findSubmit}</button></form>`;
}

function listed(all: number, found: readonly ListedApplication[]): Html {
  const texts = TEXTS.applications;
  if (all === 0) return html`<div class="sheet"><p>${texts.none}</p><p class="quiet">${texts.noneHelp}</p></div>`;
  if (found.length === 0)
    return html`<div class="sheet"><p>${texts.noneFound}</p><p class="actions"><a class="button plain" href="/">${texts.all}</a></p></div>`;
  const rest = found.length - LISTED_MAX;
  return html`<ul class="apps">${found.slice(0, LISTED_MAX).map(application)}</ul>${rest > 0 ? html`<p class="hint">${texts.more(rest)}</p>` : undefined}`;
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
