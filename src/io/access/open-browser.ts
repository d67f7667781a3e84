/** Shows an address in the browser of whoever sits here, where there is one. */
import { spawn } from 'node:child_process';

const COMMANDS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['explorer.exe'],
};

/**
 * Nothing is told where there is none: the address is printed anyhow. Addresses come from other machines: what is no page
 * (`file:`, a program's own scheme, a flag of the opener) is opened by nobody.
 */
export function openBrowser(address: string, platform: NodeJS.Platform = process.platform): void {
  const url = pageAddress(address);
  if (url === undefined) return;
  const [command = 'xdg-open', ...words] = COMMANDS[platform] ?? ['xdg-open'];
  const child = spawn(command, [...words, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

/** The address as a URL, where it is of a page. */
export function pageAddress(address: string): string | undefined {
  const url = URL.parse(address);
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined;
}
