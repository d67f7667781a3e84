import { type Html, html } from './html.ts';
import { brand } from './page.ts';
import { TEXTS } from './texts.ts';

export interface PortalBar {
  readonly organisation: string;
  /** Which of its pages this is. */
  readonly current: 'applications' | 'security';
  /** Whether they administer something: the console is a step away. */
  readonly hasConsole?: boolean;
  /** Signs out at once; left out, it is asked for first. */
  readonly signOut?: Html;
}

/** Above the pages of somebody who is signed in: where they are, and where else they can go. */
export function portalBar({ organisation, current, hasConsole, signOut }: PortalBar): Html {
  const texts = TEXTS.applications;
  const place = (href: string, name: string, isHere: boolean): Html =>
    html`<a class="place" href="${href}"${isHere ? { html: ' aria-current="page"' } : undefined}>${name}</a>`;
  return html`<header class="bar">${brand(organisation)}
<nav class="acts" aria-label="${texts.places}">${place('/', texts.title, current === 'applications')}${place('/security', texts.security, current === 'security')}${hasConsole ? place('/console/', texts.console, false) : undefined}
${signOut ?? html`<a class="button plain small" href="/sign-out">${texts.signOut}</a>`}</nav></header>`;
}
