/**
 * Reads `a=b&c=d` (WHATWG URL, section 5.1), strictly: a name that comes twice or an encoding that is not UTF-8 spoils
 * all of it, because two readers could disagree about it.
 */
export function readQuery(query: string): ReadonlyMap<string, string> | 'parameter-duplicated' | 'query-malformed' {
  const parameters = new Map<string, string>();
  const text = query.startsWith('?') ? query.slice(1) : query;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    if (name === undefined || value === undefined) return 'query-malformed';
    if (parameters.has(name)) return 'parameter-duplicated';
    parameters.set(name, value);
  }
  return parameters;
}

/** `?a=b&c=d` of the parameters that have a value. */
export function writeQuery(parameters: Readonly<Record<string, string | undefined>>): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
