import { escapeHtml } from '../../base/index.ts';

/** Text that is HTML already. Everything else is escaped where it is put in. */
export interface Html {
  readonly html: string;
}

type Insertable = Html | string | number | undefined | readonly (Html | string)[];

/** Builds HTML from a template; what is put in is escaped, `undefined` is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Insertable[]): Html {
  let text = strings[0] ?? '';
  for (let i = 0; i < values.length; i++) text += insert(values[i]) + (strings[i + 1] ?? '');
  return { html: text };
}

function insert(value: Insertable): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if ('html' in value) return value.html;
  return value.map(insert).join('');
}
