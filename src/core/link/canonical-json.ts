/**
 * JSON with sorted keys and no white space, so that two nodes hash the same bytes whatever order their fields came in
 * (the idea of RFC 8785; numbers and strings are as ECMAScript prints them). `undefined` fields are left out.
 * The value must be plain JSON of bounded depth: the codec has seen to that, or control made it itself.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields: string[] = [];
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object).sort()) {
    const field = object[key];
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${canonicalJson(field)}`);
  }
  return `{${fields.join(',')}}`;
}
