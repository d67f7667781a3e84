/** Fields that nginx sets, adds and hides, as rules for headers. */
import type { JsonObject } from '../json.ts';
import type { ImportDraft } from './imported.ts';
import type { Directive } from './nginx-syntax.ts';
import { isForwardedField } from './nginx-words.ts';

/** A Host other than the one that was asked for. */
export function hostHeaderOf(block: readonly Directive[]): string | undefined {
  const set = block.findLast(({ name, words }) => name === 'proxy_set_header' && words[0]?.toLowerCase() === 'host');
  const value = set?.words[1] ?? '';
  return value === '' || value.startsWith('$') ? undefined : value;
}

export function headersOf(block: readonly Directive[], draft: ImportDraft): JsonObject | undefined {
  const request = block.flatMap((directive) => requestRule(directive, draft));
  const response = block.flatMap((directive) => responseRule(directive, draft));
  if (request.length + response.length === 0) return undefined;
  return { ...(request.length > 0 && { request }), ...(response.length > 0 && { response }) };
}

function requestRule({ name, words: [field = '', value = ''], place }: Directive, draft: ImportDraft): JsonObject[] {
  if (name !== 'proxy_set_header' || field.toLowerCase() === 'host' || isForwardedField(field)) return [];
  if (value === '') return [{ remove: field }];
  if (!value.includes('$')) return [{ set: field, value }];
  draft.note(place, `${field} ${value}: a variable that is not known here`);
  return [];
}

function responseRule({ name, words: [field = '', value = ''], place }: Directive, draft: ImportDraft): JsonObject[] {
  if (name === 'proxy_hide_header') return [{ remove: field }];
  if (name !== 'add_header') return [];
  const isTransport = field.toLowerCase() === 'strict-transport-security';
  if (!isTransport && !value.includes('$')) return [{ set: field, value }];
  draft.note(
    place,
    isTransport ? 'set hsts of the domain (docs/domains.md)' : `${field} ${value}: a variable that is not known here`,
  );
  return [];
}
