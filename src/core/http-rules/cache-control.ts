/** Directives of Cache-Control by their name in lower case; of two of one name the first counts (RFC 9111 section 4.2.1). */
export type Directives = ReadonlyMap<string, string>;

export function directivesOf(field: string | undefined): Directives {
  const directives = new Map<string, string>();
  for (const text of (field ?? '').match(/(?:[^,"]|"[^"]*")+/g) ?? []) {
    const [name = '', value = ''] = text.trim().split(/\s*=\s*(.*)/s);
    const key = name.toLowerCase();
    if (key !== '' && !directives.has(key)) directives.set(key, value.replace(/^"(.*)"$/s, '$1'));
  }
  return directives;
}

/** How long a directive says; undefined where it is not there or no number (RFC 9111 section 1.2.2). */
export function millisecondsOf(directives: Directives, name: string): number | undefined {
  const seconds = directives.get(name);
  return seconds !== undefined && /^\d{1,10}$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
}
