import type { IdentityProviderRecord } from '../../core/link/index.ts';
import type { AtPortal } from '../portal-visit.ts';
import { type Html, html } from './html.ts';
import { alarm, page } from './page.ts';
import { TEXTS } from './texts.ts';

/** One button for each provider. Plain links: nothing is sent along that a form would have to guard. */
export function providersSection(links: readonly { readonly label: string; readonly url: string }[]): Html {
  const texts = TEXTS.providers;
  return html`<div class="choices">${links.map(
    ({ label, url }) => html`<a class="button plain" href="${url}" rel="nofollow">${texts.button(label)}</a>`,
  )}</div>`;
}

/** After a provider's account was connected with the one that is signed in, or was not. */
export function connectedPage(view: { organisation: string; label: string; isConnected: boolean }): string {
  const texts = view.isConnected ? TEXTS.providers.connected : TEXTS.providers.taken;
  return page({
    title: texts.title,
    organisation: view.organisation,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${texts.lead(view.label)}</p>
<div class="actions"><a class="button" href="/">${TEXTS.error.home}</a></div>
</div>`,
  });
}

/** Signed out here, and on the way to sign out at the provider, which browsers take by themselves. */
export function signingOutPage(view: { organisation: string; label: string; url: string }): string {
  const texts = TEXTS.providers.signingOut;
  return page({
    title: texts.title,
    organisation: view.organisation,
    refreshTo: view.url,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${texts.lead(view.label)}</p>
<div class="actions"><a class="button" href="${view.url}">${texts.go(view.label)}</a></div>
</div>`,
  });
}

/** Accounts of providers that can be connected with the one that is signed in. */
export function providersPage(view: {
  organisation: string;
  person: string;
  providers: readonly { readonly label: string; readonly url: string; readonly isConnected: boolean }[];
}): string {
  const texts = TEXTS.providers.list;
  const rows = view.providers.map(
    ({ label, url, isConnected }) =>
      html`<dt>${label}</dt><dd>${isConnected ? texts.connected : html`<a href="${url}">${texts.connect}</a>`}</dd>`,
  );
  return page({
    title: texts.title,
    organisation: view.organisation,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${texts.lead(view.person)}</p>
<dl>${rows}</dl>
<div class="actions"><a class="button plain" href="/">${TEXTS.error.home}</a></div>
</div>`,
  });
}

export interface TryView {
  readonly at: AtPortal;
  readonly provider: IdentityProviderRecord;
  /** What control makes of the claims. */
  readonly found?: Readonly<Record<string, unknown>>;
  readonly failure?: string;
}

/** What a provider says of the administrator who tries it, and what becomes of it. */
export function tryPage({ at, provider, found, failure }: TryView): string {
  const texts = TEXTS.providers.tried;
  const failures = TEXTS.providers.failures as Readonly<Record<string, (label: string) => string>>;
  const problem = failure === undefined ? undefined : (failures[failure]?.(provider.settings.label) ?? failure);
  const row = (term: string, value: unknown): Html => html`<dt>${term}</dt><dd>${shown(value)}</dd>`;
  const facts = found
    ? html`<dl>
${row(texts.verdict, (texts.verdicts as Readonly<Record<string, string>>)[String(found['verdict'])] ?? found['verdict'])}
${row(texts.account, found['account'])}
${row(texts.subject, found['subject'])}
${row(texts.email, found['email'])}
${row(texts.verified, found['emailVerified'] === true)}
${row(texts.roles, found['roles'])}
${row(texts.groups, found['groups'])}
${row(texts.unknown, found['unknown'])}
${row(texts.mfa, found['mfa'] === true)}
</dl>
<h2>${texts.claims}</h2>
<pre tabindex="0"><code>${JSON.stringify(found['claims'], null, 2)}</code></pre>`
    : undefined;
  return page({
    title: texts.title(provider.settings.label),
    organisation: at.view.installation.organisationName,
    wide: true,
    body: html`<div class="sheet">
<h1>${texts.title(provider.settings.label)}</h1>
<p class="quiet">${texts.lead}</p>
${alarm(problem)}
${facts}
</div>`,
  });
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? TEXTS.providers.tried.yes : TEXTS.providers.tried.no;
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.join(', ');
  return String(value);
}
