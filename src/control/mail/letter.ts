import { escapeHtml, printable } from '../../base/index.ts';
import { MAIL_SUBJECT_MAX_CHARS } from '../../io/mail/constants.ts';

/** One part of a letter. A link stands in a line of its own, a code is set large. */
export type LetterPart =
  | string
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'link'; readonly label: string; readonly url: string };

/** A mail as it is written: the same words as plain text and as HTML. */
export interface Letter {
  readonly subject: string;
  readonly parts: readonly LetterPart[];
  /** Who sends it and why it came; small print. */
  readonly footer: string;
}

export interface RenderedLetter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * A name that somebody chose, as it stands in a mail: programs make links of what looks like an address, and whoever may call
 * their organisation as they like would have this installation send links of theirs to strangers. It looks the same.
 */
export function nameInMail(name: string): string {
  return printable(name).replace(/[./:@](?=\S)/g, '$&\u2060');
}

/** As many mail programs still read it: no style sheet, nothing loaded, light and dark by the program's own colours. */
export function renderLetter({ subject: said, parts, footer }: Letter): RenderedLetter {
  // Names of applications and organisations are in it, which people choose.
  const subject = printable(said)
    .replace(/\p{Cs}| {2,}/gu, ' ')
    .slice(0, MAIL_SUBJECT_MAX_CHARS);
  const text = [...parts.map(partAsText), `-- \n${footer}`].join('\n\n');
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
<div style="max-width:32em;margin:0 auto">
${parts.map(partAsHtml).join('\n')}
<p style="margin:32px 0 0;font-size:13px;opacity:.7">${escapeHtml(footer)}</p>
</div>
</body></html>
`;
  return { subject, text: `${text}\n`, html };
}

function partAsText(part: LetterPart): string {
  if (typeof part === 'string') return printable(part);
  return part.kind === 'code' ? `    ${part.code}` : `${part.label}:\n${part.url}`;
}

function partAsHtml(part: LetterPart): string {
  if (typeof part === 'string') return `<p style="margin:0 0 16px">${escapeHtml(printable(part))}</p>`;
  if (part.kind === 'code')
    return `<p style="margin:0 0 16px;font:600 30px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.15em">${escapeHtml(part.code)}</p>`;
  const url = escapeHtml(part.url);
  return `<p style="margin:0 0 8px"><a href="${url}" style="display:inline-block;padding:10px 18px;border-radius:8px;background:#2557d6;color:#fff;text-decoration:none">${escapeHtml(part.label)}</a></p>
<p style="margin:0 0 16px;font-size:13px;opacity:.7;word-break:break-all">${url}</p>`;
}
