import { type Html, html } from './html.ts';
import { KEYS_SCRIPT, KEYS_SCRIPT_SOURCE } from './keys-script.ts';
import { ICON, MARK } from './mark.ts';
import { STYLE, STYLE_SOURCE } from './style.ts';
import { TEXTS } from './texts.ts';

export interface PageOptions {
  readonly title: string;
  /** Shown beside the mark: the organisation, or nothing where it must not be told. */
  readonly organisation?: string | undefined;
  readonly wide?: boolean;
  /** With the script for passkeys and keys of devices. */
  readonly keys?: boolean;
  /** Where browsers go by themselves. */
  readonly refreshTo?: string;
  readonly body: Html;
}

/** A whole document: header, content, footer. */
export function page({ title, organisation, wide, keys, refreshTo, body }: PageOptions): string {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
${refreshTo === undefined ? undefined : html`<meta http-equiv="refresh" content="0;url=${refreshTo}">`}
<title>${title} · ${organisation ?? TEXTS.product}</title>
<link rel="icon" href="${ICON}">
<style>${{ html: STYLE }}</style>
</head>
<body>
<main${wide ? { html: ' class="wide"' } : undefined}>
${wide ? undefined : brand(organisation)}
${body}
</main>
<footer>${TEXTS.poweredBy}</footer>
${keys ? { html: `<script>${KEYS_SCRIPT}</script>` } : undefined}
</body>
</html>
`;
  return document.html;
}

/** The mark with the name of the organisation. */
export function brand(organisation?: string): Html {
  return html`<div class="brand">${MARK}<div><b>${organisation ?? TEXTS.product}</b></div></div>`;
}

/** A box that says what went wrong with a form; read out at once by screen readers. */
export function alarm(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<p class="note alarm" role="alert">${text}</p>`;
}

/**
 * Headers of every page: nothing is loaded, nothing frames it, nothing is kept, no script but our own runs.
 * @param formTargets origins beside the page's own that a form may lead to, redirects included (Content Security
 *   Policy Level 3 section 6.4.2: browsers check the whole chain).
 */
export function pageHeaders(formTargets: readonly string[] = []): Record<string, string> {
  const formAction = ["'self'", ...formTargets].join(' ');
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src ${STYLE_SOURCE}; script-src ${KEYS_SCRIPT_SOURCE}; img-src data:; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
    'Cache-Control': 'no-store',
    // `no-referrer` would have browsers send `Origin: null` with our own forms (Fetch, "append a request Origin header").
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  };
}

/**
 * Headers of a page that somebody wrote for their own resource. It runs no script and sends no form, and as it is sandboxed
 * its origin is nobody's: whatever stands in it, it can neither read the application's cookies nor speak for it.
 */
export function customPageHeaders(): Record<string, string> {
  return {
    ...pageHeaders(),
    'Content-Security-Policy':
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox allow-popups allow-top-navigation",
  };
}
