/**
 * JSON with sorted keys and no white space, so that two nodes hash the same bytes whatever order their fields came in
 * (the idea of RFC 8785; numbers and strings are as ECMAScript prints them). `undefined` fields are left out.
 * The value must be plain JSON of bounded depth: the codec has seen to that, or control made it itself.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return canonicalText(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return canonicalList(value);
  const object = value as Record<string, unknown>;
  let text = '';
  for (const key of sorted(Object.keys(object))) {
    const field = object[key];
    if (field !== undefined) text += `${text === '' ? '{' : ','}${canonicalText(key)}:${canonicalJson(field)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function canonicalList(items: readonly unknown[]): string {
  let text = '[';
  for (let i = 0; i < items.length; i++) text += (i === 0 ? '' : ',') + canonicalJson(items[i] ?? null);
  return `${text}]`;
}

/** Most texts have nothing to escape. */
const PLAIN = /^[ !#-[\]-~]*$/;

function canonicalText(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** In the order of UTF-16 units. Few and often in order already, so insertion goes fastest. */
function sorted(keys: string[]): string[] {
  if (keys.length > 32) return keys.sort();
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string;
    let at = i;
    for (; at > 0 && (keys[at - 1] as string) > key; at--) keys[at] = keys[at - 1] as string;
    keys[at] = key;
  }
  return keys;
}
