/** Hides secrets in what was captured. What is hidden is gone: nothing of it leaves the PoP. */
import { MEMBER_NAME_MAX_CHARS, NAMELESS_SECRET_CHARS } from './constants.ts';
import { type HiddenNames, isSecretName, isSecretParameter } from './secret-names.ts';

/** Stands where a value was. No field can say it: it is no character of a head. */
export const HIDDEN = '…';

/** Fields whose value is a URL. */
const URL_FIELDS: ReadonlySet<string> = new Set(['referer', 'location', 'content-location', 'refresh', 'link']);

/** Flat fields without the values of secrets, and without what clients may not say to Manis. */
export function hideFields(raw: readonly string[], more: HiddenNames): string[] {
  const fields: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    const lower = name.toLowerCase();
    if (lower.startsWith('x-manis-')) continue;
    fields.push(name, hiddenValue(lower, value, more));
  }
  return fields;
}

function hiddenValue(lower: string, value: string, more: HiddenNames): string {
  if (isSecretName(lower, more)) return HIDDEN;
  return URL_FIELDS.has(lower) ? hideInUrl(value, more) : value;
}

/** The query of a URL; what stands before it, and a user name, are kept but for a password. */
function hideInUrl(url: string, more: HiddenNames): string {
  const open = url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, `$1${HIDDEN}@`);
  const mark = open.search(/[?#]/);
  return mark < 0 ? open : open.slice(0, mark + 1) + hideParameters(open.slice(mark + 1), more).text;
}

/** Path and query. */
export function hideInTarget(target: string, more: HiddenNames): string {
  const mark = target.indexOf('?');
  return mark < 0 ? target : target.slice(0, mark + 1) + hideParameters(target.slice(mark + 1), more).text;
}

/** A text in which something may be hidden. */
export interface HiddenText {
  readonly text: string;
  readonly isHidden: boolean;
}

/** `a=1&token=…`: of a query or a form. A part without a name that is long is taken for a secret. */
export function hideParameters(text: string, more: HiddenNames): HiddenText {
  let isHidden = false;
  const parts = text.split('&').map((part) => {
    const equals = part.indexOf('=');
    if (equals < 0 ? part.length < NAMELESS_SECRET_CHARS : !isSecretParameter(readName(part.slice(0, equals)), more))
      return part;
    isHidden = true;
    return equals < 0 ? HIDDEN : `${part.slice(0, equals + 1)}${HIDDEN}`;
  });
  return { text: parts.join('&'), isHidden };
}

function readName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

const MEMBER = new RegExp(
  String.raw`"([^"\\]{1,${MEMBER_NAME_MAX_CHARS}})"(\s*:\s*)("(?:[^"\\]|\\.)*"?|[-+.\w]+)`,
  'g',
);

/** Texts and numbers of JSON, whole or cut, that have the name of a secret. */
export function hideMembers(json: string, more: HiddenNames): HiddenText {
  let isHidden = false;
  const text = json.replace(MEMBER, (member: string, name: string, colon: string, value: string) => {
    if (value === 'null' || value === '""' || !isSecretName(name, more)) return member;
    isHidden = true;
    return `"${name}"${colon}"${HIDDEN}"`;
  });
  return { text, isHidden };
}
