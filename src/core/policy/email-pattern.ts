const ADDRESS = /^[^\s@*]{1,64}@[^\s@*]{1,253}$/;
const DOMAIN = /^\*@[^\s@*]{1,253}$/;

/** What is wrong with an e-mail pattern, if anything is. */
export function faultInEmailPattern(text: string): string | undefined {
  if (ADDRESS.test(text) || DOMAIN.test(text)) return undefined;
  return 'an e-mail address, or a whole domain such as *@example.com';
}

/**
 * Whether an address is one of these or of one of these domains. `*@example.com` is no pattern for subdomains. Capitals
 * do not count, in the part before the @ neither: no mail system in use tells them apart.
 */
export function compileEmails(patterns: readonly string[]): (email: string) => boolean {
  const listed = new Set(patterns.map((pattern) => pattern.toLowerCase()));
  return (email) => {
    const folded = email.toLowerCase();
    if (folded === '') return false;
    return listed.has(folded) || listed.has(`*${folded.slice(folded.lastIndexOf('@'))}`);
  };
}
