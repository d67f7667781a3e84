/** Whether a name is below another one, at any depth. */
export function isBelow(name: string, above: string): boolean {
  return name.endsWith(`.${above}`);
}

/** A host without its `*.`. */
export function bareOf(host: string): string {
  return host.startsWith('*.') ? host.slice(2) : host;
}

/** Whether a wildcard stands for a name, at any depth: what is below another's wildcard looks like the other's. */
export function covers(host: string, name: string): boolean {
  return host.startsWith('*.') && isBelow(name, bareOf(host));
}

/** Whether a host of a resource is a domain, its wildcard, or below it. */
export function hostIsOf(host: string, domain: string): boolean {
  return bareOf(host) === domain || isBelow(bareOf(host), domain);
}
